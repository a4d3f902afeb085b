import type { Int } from "./exported-program.ts";
import type { SymFixed, SymNode, SymVariadic } from "./sym-expr.ts";
import { binary, constantCalls, constants, fixed, variadic } from "./sym-functions.ts";

/** Thrown for text that is no known expression; the caller knows where the text stands. */
export class SymExprError extends Error {
  override readonly name = "SymExprError";
}

const comparison = 1;
const unaryPrecedence = 7;

const maxDepth = 200;
const maxLength = 1 << 20;
const token =
  /\s*(?:((?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|('[^'\\]*'|"[^"\\]*")|(\*\*|\/\/|<<|>>|[<>=!]=|[-+*/%&|~<>(),=]))/y;

/**
 * Parses what sympy's `srepr` writes, such as `Mul(Integer(2), Symbol('s0', integer=True))`, and the infix form
 * of older files, such as `2*s0 + Mod(s1, 4)`. Throws a {@link SymExprError}.
 */
export function parseSymExpr(text: string): SymNode {
  if (text.length > maxLength)
    throw new SymExprError(`the expression has ${text.length} characters; at most ${maxLength} are read`);
  const parser = new Parser(text);
  const node = parser.expression(0);
  parser.end();
  return node;
}

interface CallArguments {
  readonly values: readonly (SymNode | string)[];
  readonly keywords: ReadonlyMap<string, SymNode>;
}

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  /** The token to be taken next, and its class. */
  #token = "";
  #class: "number" | "name" | "string" | "operator" | "end" = "end";
  #start = 0;

  constructor(text: string) {
    this.#text = text;
    this.#advance();
  }

  #advance(): void {
    token.lastIndex = this.#at;
    const m = token.exec(this.#text);
    this.#start = this.#at;
    if (!m) {
      if (this.#text.slice(this.#at).trim() !== "") throw this.#fail("a number, a name or an operator");
      this.#class = "end";
      this.#token = "";
      return;
    }
    this.#at = token.lastIndex;
    this.#class =
      m[1] !== undefined ? "number" : m[2] !== undefined ? "name" : m[3] !== undefined ? "string" : "operator";
    this.#token = m[1] ?? m[2] ?? m[3] ?? m[4]!;
  }

  #fail(expected: string): SymExprError {
    const rest = this.#text.slice(this.#start, this.#start + 30).trim();
    return new SymExprError(
      `expected ${expected} at column ${this.#start + 1}, got ${rest === "" ? "the end" : JSON.stringify(rest)}`,
    );
  }

  #take(operator: string): boolean {
    if (this.#class !== "operator" || this.#token !== operator) return false;
    this.#advance();
    return true;
  }

  #need(operator: string): void {
    if (!this.#take(operator)) throw this.#fail(`"${operator}"`);
  }

  end(): void {
    if (this.#class !== "end") throw this.#fail("the end");
  }

  expression(least: number): SymNode {
    if (++this.#depth > maxDepth) throw new SymExprError(`the expression is nested more than ${maxDepth} deep`);
    let left = this.#unary();
    let most = unaryPrecedence;
    for (;;) {
      const op = this.#class === "operator" ? binary.get(this.#token) : undefined;
      if (!op || op[1] < least || op[1] > most) break;
      this.#advance();
      // left-associative: the right side takes only what binds tighter
      const right = this.expression(op[1] + 1);
      left = combine(op[0], left, right);
      // Python reads a < b < c as two comparisons, which sympy never writes
      most = op[1] === comparison ? comparison - 1 : unaryPrecedence;
    }
    this.#depth--;
    return left;
  }

  #unary(): SymNode {
    if (this.#take("-")) return negate(this.expression(unaryPrecedence));
    if (this.#take("+")) return this.expression(unaryPrecedence);
    if (this.#take("~")) return { kind: "not", args: [this.expression(unaryPrecedence)] };
    const base = this.#atom();
    // ** binds tighter than a minus before it, and looser than one after it
    return this.#take("**") ? { kind: "pow", args: [base, this.expression(unaryPrecedence)] } : base;
  }

  #atom(): SymNode {
    const text = this.#token;
    if (this.#class === "number") {
      this.#advance();
      return /^\d+$/.test(text) ? { kind: "int", value: exact(text) } : { kind: "float", value: Number(text) };
    }
    if (this.#take("(")) {
      const node = this.expression(0);
      this.#need(")");
      return node;
    }
    if (this.#class !== "name") throw this.#fail("a number, a name or a parenthesis");
    this.#advance();
    if (this.#take("(")) return this.#call(text, this.#arguments());
    return constants.get(text) ?? { kind: "symbol", name: text, assumptions: {} };
  }

  #arguments(): CallArguments {
    const values: (SymNode | string)[] = [];
    const keywords = new Map<string, SymNode>();
    if (this.#take(")")) return { values, keywords };
    do {
      if (this.#class === "string") {
        values.push(this.#token.slice(1, -1));
        this.#advance();
        continue;
      }
      const node = this.expression(0);
      if (node.kind === "symbol" && this.#take("=")) keywords.set(node.name, this.expression(0));
      else values.push(node);
    } while (this.#take(","));
    this.#need(")");
    return { values, keywords };
  }

  #call(name: string, { values, keywords }: CallArguments): SymNode {
    const bad = (expected: string) =>
      new SymExprError(`expected ${expected} in ${JSON.stringify(this.#text.slice(0, 100))}`);
    if (name === "Symbol") {
      const [symbol] = values;
      if (values.length !== 1 || typeof symbol !== "string" || symbol === "") throw bad("one name in Symbol(...)");
      const assumptions: [string, boolean][] = [...keywords].map(([k, v]) => {
        if (v.kind !== "bool") throw bad("True or False for each assumption of Symbol(...)");
        return [k, v.value];
      });
      return { kind: "symbol", name: symbol, assumptions: Object.fromEntries(assumptions) };
    }
    if (name === "Float") {
      const [value] = values;
      const number = typeof value === "string" ? Number(value) : value && numberOf(value);
      if (value === "" || number === undefined || Number.isNaN(number)) throw bad("a number in Float(...)");
      return { kind: "float", value: number };
    }
    const args = values.filter((v): v is SymNode => typeof v !== "string");
    if (args.length !== values.length || keywords.size > 0) throw bad(`expressions as arguments of ${name}(...)`);
    if (name === "Integer") {
      const [value] = args;
      if (args.length !== 1 || value?.kind !== "int") throw bad("one integer in Integer(...)");
      return value;
    }
    if (name === "Rational") {
      const [p, q] = args;
      if (args.length !== 2 || p?.kind !== "int" || q?.kind !== "int" || q.value === 0)
        throw bad("two integers in Rational(...)");
      return { kind: "rational", numerator: p.value, denominator: q.value };
    }
    if (name === "Identity") {
      if (args.length !== 1) throw bad("one argument in Identity(...)");
      return args[0]!;
    }
    const constant = constantCalls.get(name);
    if (constant && args.length === 0) return constant;
    const many = variadic.get(name);
    if (many) {
      if (args.length === 0) throw bad(`an argument in ${name}(...)`);
      return args.length === 1 ? args[0]! : { kind: many, args };
    }
    const known = fixed.get(name);
    if (known) {
      const [kind, arity] = known;
      if (args.length !== arity) throw bad(`${arity} argument${arity > 1 ? "s" : ""} in ${name}(...)`);
      return { kind, args };
    }
    const opaque = /^(?:OpaqueUnaryFn_|BitwiseFn_)(\w+)$/.exec(name);
    if (opaque && args.length > 0) return { kind: "call", fn: opaque[1]!, args };
    throw new SymExprError(`the function ${JSON.stringify(name)} is not known`);
  }
}

function exact(digits: string): Int {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits);
}

const numberOf = (node: SymNode): number | undefined =>
  node.kind === "int" || node.kind === "float" ? Number(node.value) : undefined;

function negate(node: SymNode): SymNode {
  if (node.kind === "int") {
    const value = -node.value;
    return { kind: "int", value: typeof value === "number" ? value + 0 : value };
  }
  if (node.kind === "float") return { kind: "float", value: -node.value };
  if (node.kind === "infinity") return { kind: "infinity", negative: !node.negative };
  return { kind: "mul", args: [{ kind: "int", value: -1 }, node] };
}

/** `left op right`; chains of one sum or product become one node, in place so that long ones take linear time. */
function combine(op: SymVariadic | SymFixed | "sub", left: SymNode, right: SymNode): SymNode {
  if (op === "sub") return combine("add", left, negate(right));
  if (op === "add" || op === "mul" || op === "and" || op === "or") {
    if (left.kind !== op) return { kind: op, args: [left, right] };
    (left.args as SymNode[]).push(right);
    return left;
  }
  return { kind: op as SymFixed, args: [left, right] };
}
