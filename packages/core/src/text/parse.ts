import { CompileError } from "../diagnostic/diagnostic.ts";
import { decode, tensorData } from "../eval/tensor-data.ts";
import { absentConstant } from "../ir/absent-constant.ts";
import { type Constant, dataConstant } from "../ir/constant.ts";
import { parseDim } from "../ir/dim.ts";
import type { Graph } from "../ir/graph.ts";
import { Module } from "../ir/module.ts";
import { parseType, sameType, showType, type TensorType } from "../ir/type.ts";
import type { Value } from "../ir/value.ts";
import type { RawAttr } from "../op/attr.ts";
import type { Attrs, OpDef, Operands } from "../op/define-op.ts";
import { compatibleType } from "../op/verify.ts";
import { Rewriter } from "../rewrite/rewriter.ts";
import { lex, type Token } from "./lex.ts";

/** Where the text comes from, for messages. */
export interface ParseOptions {
  readonly file?: string;
}

/**
 * Reads what `printModule` writes. `ops` are the ops it may use; an op's declaration says how its operands and attributes are read.
 * Throws a `CompileError` that names the line and the source text.
 */
export function parseModule(text: string, ops: ReadonlyMap<string, OpDef>, o: ParseOptions = {}): Module {
  return new Parser(text, ops, o.file ?? "<text>").module();
}

class Parser {
  private readonly text: string;
  private readonly ops: ReadonlyMap<string, OpDef>;
  private readonly file: string;
  private readonly tokens: Token[];
  private at = 0;

  constructor(text: string, ops: ReadonlyMap<string, OpDef>, file: string) {
    this.text = text;
    this.ops = ops;
    this.file = file;
    this.tokens = lex(text, (at, why) => this.fail(why, at));
  }

  module(): Module {
    const module = new Module();
    for (;;) {
      if (this.peek().kind === "end") return module;
      const word = this.expect("word", '"symbol", "signature" or "graph"').text;
      if (word === "symbol") this.symbol(module);
      else if (word === "signature") {
        const key = this.expect("string", "the signature's key in quotes").text;
        this.punctuation("=");
        module.signatures.push({ key, graph: this.expect("graph", "a graph such as @main").text });
      } else if (word === "graph") this.graph(module);
      else this.fail(`expected "symbol", "signature" or "graph", got "${word}"`, this.previous().at);
    }
  }

  private symbol(module: Module): void {
    const name = this.expect("word", "the symbol's name").text;
    this.word("in");
    const min = Number(this.expect("number", "the smallest value").text);
    this.punctuation("..");
    const max = this.expect("number", 'the largest value, or "inf"').text;
    module.symbols.set(name, { min, max: max === "inf" ? Infinity : Number(max) });
  }

  private graph(module: Module): void {
    const name = this.expect("graph", "a graph such as @main").text;
    const graph = module.graph(name);
    const rewriter = new Rewriter(graph);
    const env = new Map<string, Value>();
    const define = (t: Token, v: Value): void => {
      if (env.has(t.text)) this.fail(`%${t.text} is defined twice`, t.at);
      // numbers are the printer's own; a suffix tells values of one name apart
      const base = /^(.*)\$\d+$/s.exec(t.text)?.[1];
      if (!/^c?\d+$/.test(t.text))
        v.name = base !== undefined && !/^c?\d+$/.test(base) && env.has(base) ? base : t.text;
      env.set(t.text, v);
    };
    this.punctuation("(");
    this.list(")", () => {
      const t = this.expect("value", "an input such as %x");
      this.punctuation(":");
      define(t, graph.input(this.type()));
    });
    if (this.isWord("state")) {
      this.punctuation("(");
      this.list(")", () => {
        const t = this.expect("value", "a state such as %cache");
        this.punctuation(":");
        const type = this.type();
        const label = this.expect("string", "the state's name in quotes").text;
        this.punctuation("=");
        const initial = this.constant(type);
        const value = graph.state(initial, t.text);
        graph.states.push({ name: label, value, next: value, initial });
        define(t, value);
      });
    }
    this.punctuation("{");
    while (!this.isWord("return")) this.statement(graph, rewriter, env, define);
    this.results(graph, env);
  }

  private results(graph: Graph, env: ReadonlyMap<string, Value>): void {
    const outputs: Value[] = [];
    const names: string[] = [];
    while (this.peek().kind === "value") {
      outputs.push(this.value(env));
      if (this.isWord("as")) names[outputs.length - 1] = this.expect("string", "the output's name in quotes").text;
      if (!this.isPunctuation(",")) break;
    }
    graph.outputs = outputs;
    graph.outputNames = names;
    if (this.isWord("state")) {
      this.punctuation("(");
      let i = 0;
      this.list(")", () => {
        const next = this.value(env);
        const s = graph.states[i++];
        if (!s) return this.fail("more states are returned than the graph has", this.previous().at);
        s.next = next;
      });
    }
    if (this.isWord("inputs")) {
      this.punctuation("(");
      this.list(")", () => {
        const input = this.value(env);
        if (!graph.inputs.includes(input)) return this.fail("only inputs can be written", this.previous().at);
        this.punctuation("=");
        graph.inputMutations.push({ input, next: this.value(env) });
      });
    }
    this.punctuation("}");
  }

  private statement(
    graph: Graph,
    rewriter: Rewriter,
    env: Map<string, Value>,
    define: (t: Token, v: Value) => void,
  ): void {
    const start = this.peek();
    const targets: Token[] = [];
    if (start.kind === "value") {
      do targets.push(this.expect("value", "a result such as %0"));
      while (this.isPunctuation(","));
      this.punctuation("=");
    }
    const word = this.expect("word", "an op such as aten.relu");
    if (word.text === "const") {
      const from = this.at;
      this.skipConstant();
      this.punctuation(":");
      const type = this.type();
      const end = this.at;
      this.at = from;
      const constant = this.constant(type);
      this.at = end;
      define(targets[0]!, graph.constant(constant));
      return;
    }
    const op = this.ops.get(word.text);
    if (!op) this.fail(`unknown op "${word.text}"`, word.at);
    const operands = this.operands(op, env);
    const attrs = this.attrs(op);
    this.punctuation(":");
    const types: TensorType[] = [];
    if (this.isPunctuation("(")) this.punctuation(")");
    else
      do types.push(this.type());
      while (this.isPunctuation(","));
    const modules: string[] = [];
    if (this.isWord("loc")) {
      this.punctuation("(");
      this.list(")", () => void modules.push(this.expect("string", "a module path in quotes").text));
    }
    try {
      const node = rewriter.create(op, operands as never, attrs, {
        locations: modules.map((module) => ({ module })),
        ...(op.infer ? {} : { types }),
      });
      node.results.forEach((r, i) => {
        if (!types[i] || !sameType(types[i], r.type)) {
          // whoever made the node may know extents, and the scales of a quantized result
          if (types[i] && (compatibleType(r.type, types[i]) || r.type.shape.some((d) => typeof d !== "number")))
            r.type = types[i];
          else
            this.fail(
              `"${op.name}" gives ${node.results.map((x) => showType(x.type)).join(", ")}, the text says ${types.map(showType).join(", ")}`,
              word.at,
            );
        }
      });
      if (targets.length !== node.results.length)
        this.fail(`"${op.name}" gives ${node.results.length} results, the text names ${targets.length}`, word.at);
      targets.forEach((t, i) => void define(t, node.results[i]!));
    } catch (e) {
      if (e instanceof CompileError && e.diagnostics[0]?.code !== "TXT0001")
        throw new CompileError(e.diagnostics.map((d) => ({ ...d, frame: this.frame(word.at) })));
      throw e;
    }
  }

  private operands(op: OpDef, env: ReadonlyMap<string, Value>): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    const names = Object.keys(op.operands as Operands);
    this.punctuation("(");
    let i = 0;
    this.list(")", () => {
      const name = names[i++];
      if (name === undefined)
        return this.fail(`"${op.name}" takes ${names.length} operands (${names.join(", ")})`, this.peek().at);
      if (this.isWord("none")) return;
      if (this.isPunctuation("(")) {
        const list: (Value | undefined)[] = [];
        this.list(")", () => void list.push(this.isWord("none") ? undefined : this.value(env)));
        out[name] = list;
      } else out[name] = this.value(env);
    });
    return out;
  }

  private attrs(op: OpDef): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    if (!this.isPunctuation("{")) return out;
    this.list("}", () => {
      const key = this.expect("word", "an attribute's name");
      const spec = (op.attrs as Attrs)[key.text];
      if (!spec)
        return this.fail(
          `"${op.name}" has no attribute "${key.text}"; it has ${Object.keys(op.attrs as Attrs).join(", ") || "none"}`,
          key.at,
        );
      this.punctuation("=");
      const raw = this.raw();
      out[key.text] = spec.read(raw);
    });
    return out;
  }

  private raw(): RawAttr {
    const t = this.next();
    if (t.kind === "string" || t.kind === "graph") return t.text;
    if (t.kind === "number") return parseNumber(t.text);
    if (t.kind === "word") {
      if (t.text === "none") return undefined;
      if (t.text === "true" || t.text === "false") return t.text === "true";
      if (t.text === "inf" || t.text === "nan") return t.text === "inf" ? Infinity : Number.NaN;
      if (t.text === "complex") {
        this.punctuation("(");
        const re = Number(this.raw());
        this.punctuation(",");
        const im = Number(this.raw());
        this.punctuation(")");
        return { re, im };
      }
    }
    if (t.kind === "punctuation" && t.text === "[") {
      const list: RawAttr[] = [];
      this.list("]", () => void list.push(this.raw()));
      return list;
    }
    if (t.kind === "punctuation" && t.text === "(") {
      // an extent: up to the matching parenthesis
      let depth = 1;
      let end = t.at + 1;
      for (; end < this.text.length && depth > 0; end++)
        depth += this.text[end] === "(" ? 1 : this.text[end] === ")" ? -1 : 0;
      while (this.peek().kind !== "end" && this.peek().at < end) this.at++;
      const d = this.guard(() => parseDim(this.text.slice(t.at + 1, end - 1)), t.at);
      return typeof d === "number" ? BigInt(d) : d;
    }
    return this.fail(`expected an attribute's value, got "${t.text}"`, t.at);
  }

  private skipConstant(): void {
    const t = this.next();
    if (t.kind === "punctuation" && t.text === "[") this.list("]", () => void this.raw());
    else if (t.kind !== "base64" && t.kind !== "elsewhere")
      this.fail(
        'expected the elements of the constant, as [1.0, 2.0] or base64"..."; a short print leaves them out',
        t.at,
      );
  }
  private constant(type: TensorType): Constant {
    const t = this.next();
    if (t.kind === "base64") {
      const bytes = Uint8Array.from(atob(t.text), (c) => c.charCodeAt(0));
      return this.guard(() => dataConstant(decode(type, bytes)), t.at);
    }
    if (t.kind === "elsewhere") return absentConstant(type, t.text);
    if (t.kind !== "punctuation" || t.text !== "[")
      return this.fail('expected the elements of the constant, as [1.0, 2.0] or base64"..."', t.at);
    const values: RawAttr[] = [];
    this.list("]", () => void values.push(this.raw()));
    return this.guard(
      () => dataConstant(withType(tensorData(type.dtype, type.shape as readonly number[], values as number[]), type)),
      t.at,
    );
  }

  private type(): TensorType {
    const t = this.expect("type", "a type such as f32[1,3]");
    return this.guard(() => parseType(t.text), t.at);
  }
  private value(env: ReadonlyMap<string, Value>): Value {
    const t = this.expect("value", "a value such as %x");
    return env.get(t.text) ?? this.fail(`%${t.text} is not defined`, t.at);
  }

  // ---- tokens
  private peek(): Token {
    return this.tokens[this.at]!;
  }
  private previous(): Token {
    return this.tokens[this.at - 1]!;
  }
  private next(): Token {
    const t = this.tokens[this.at]!;
    if (t.kind !== "end") this.at++;
    return t;
  }
  private expect(kind: Token["kind"], what: string): Token {
    const t = this.next();
    return t.kind === kind ? t : this.fail(`expected ${what}, got "${t.text}"`, t.at);
  }
  private punctuation(text: string): void {
    const t = this.next();
    if (t.kind !== "punctuation" || t.text !== text) this.fail(`expected "${text}", got "${t.text}"`, t.at);
  }
  private word(text: string): void {
    if (!this.isWord(text)) this.fail(`expected "${text}", got "${this.peek().text}"`, this.peek().at);
  }
  private isWord(text: string): boolean {
    const t = this.peek();
    const yes = t.kind === "word" && t.text === text;
    if (yes) this.at++;
    return yes;
  }
  private isPunctuation(text: string): boolean {
    const t = this.peek();
    const yes = t.kind === "punctuation" && t.text === text;
    if (yes) this.at++;
    return yes;
  }
  /** Reads items with commas between them up to `close`. */
  private list(close: string, item: () => void): void {
    if (this.isPunctuation(close)) return;
    do item();
    while (this.isPunctuation(","));
    this.punctuation(close);
  }

  private guard<T>(f: () => T, at: number): T {
    try {
      return f();
    } catch (e) {
      return this.fail((e as Error).message, at);
    }
  }
  private frame(at: number): { file: string; line: number; source: string } {
    const line = this.text.slice(0, at).split("\n").length;
    return { file: this.file, line, source: this.text.split("\n")[line - 1]?.trim() ?? "" };
  }
  private fail(message: string, at: number): never {
    throw new CompileError([{ severity: "error", code: "TXT0001", message, frame: this.frame(at) }]);
  }
}

const withType = (t: ReturnType<typeof tensorData>, type: TensorType): ReturnType<typeof tensorData> => ({
  type: type as typeof t.type,
  data: t.data,
});

function parseNumber(text: string): RawAttr {
  if (/^-?\d+$/.test(text)) return BigInt(text);
  if (text.endsWith("inf")) return text.startsWith("-") ? -Infinity : Infinity;
  return text.endsWith("nan") ? Number.NaN : Number(text);
}
