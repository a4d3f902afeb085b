/** A static extent, or an expression over symbols that become known when the program runs. */
export type Dim = number | DimExpr;

/** One factor of a {@link Term}: a symbol, or a function that has no polynomial form. */
export type Atom =
  | { readonly sym: string; readonly key: string }
  | { readonly fn: DimFunction; readonly args: readonly [Dim, Dim]; readonly key: string };
export type DimFunction = "floordiv" | "mod" | "max" | "min";

/** `coef` times the product of `factors`. */
export interface Term {
  readonly coef: number;
  readonly factors: readonly Atom[];
  readonly key: string;
}

/** A sum of terms in canonical order: two equal expressions have the same `key`, which is also their text. */
export interface DimExpr {
  readonly terms: readonly Term[];
  readonly key: string;
}

/** Smallest and largest value of a symbol; `max` may be `Infinity`. */
export interface SymbolRange {
  readonly min: number;
  readonly max: number;
}

export const isStatic = (d: Dim): d is number => typeof d === "number";
/** Whether every extent is a number. */
export const isStaticShape = (shape: readonly Dim[]): shape is readonly number[] => shape.every(isStatic);
export const showDim = (d: Dim): string => (typeof d === "number" ? String(d) : d.key);
export const sameDim = (a: Dim, b: Dim): boolean =>
  a === b || (typeof a !== "number" && typeof b !== "number" && a.key === b.key);

/** The symbol called `name`. */
export const symbol = (name: string): DimExpr => fromTerms([term(1, [{ sym: name, key: name }])]) as DimExpr;

function term(coef: number, factors: readonly Atom[]): Term {
  const sorted = [...factors].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return { coef, factors: sorted, key: sorted.map((f) => f.key).join("*") };
}

function fromTerms(terms: readonly Term[]): Dim {
  const sum = new Map<string, Term>();
  for (const t of terms) {
    const before = sum.get(t.key);
    sum.set(t.key, before ? { ...t, coef: before.coef + t.coef } : t);
  }
  const left = [...sum.values()].filter((t) => t.coef !== 0);
  if (left.length === 0) return 0;
  if (left.length === 1 && left[0]!.factors.length === 0) return left[0]!.coef;
  // the constant term comes last, as people write it
  left.sort((a, b) => (a.key === "" ? 1 : b.key === "" ? -1 : a.key < b.key ? -1 : 1));
  const key = left
    .map((t, i) => {
      const sign = t.coef < 0 ? "-" : i > 0 ? "+" : "";
      const c = Math.abs(t.coef);
      return sign + (t.key === "" ? String(c) : c === 1 ? t.key : `${c}*${t.key}`);
    })
    .join("");
  return Object.freeze({ terms: Object.freeze(left), key });
}

const termsOf = (d: Dim): readonly Term[] => (typeof d === "number" ? (d === 0 ? [] : [term(d, [])]) : d.terms);

export function addDim(a: Dim, b: Dim): Dim {
  return typeof a === "number" && typeof b === "number" ? a + b : fromTerms([...termsOf(a), ...termsOf(b)]);
}
export function mulDim(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return a * b + 0; // never -0
  return fromTerms(
    termsOf(a).flatMap((x) => termsOf(b).map((y) => term(x.coef * y.coef, [...x.factors, ...y.factors]))),
  );
}
export const subDim = (a: Dim, b: Dim): Dim => addDim(a, mulDim(b, -1));
/** Product of all extents. */
export const sizeOf = (shape: readonly Dim[]): Dim => shape.reduce<Dim>(mulDim, 1);

function call(fn: DimFunction, a: Dim, b: Dim): Dim {
  return fromTerms([term(1, [{ fn, args: [a, b], key: `${fn}(${showDim(a)},${showDim(b)})` }])]);
}

/** Exact quotient `a / b` as an expression, or `undefined` when it is not provably whole. */
export function divideExactly(a: Dim, b: Dim): Dim | undefined {
  if (sameDim(a, b)) return 1;
  if (a === 0) return 0;
  if (typeof b === "number") {
    if (b === 0) return undefined;
    if (typeof a === "number") return a % b === 0 ? a / b + 0 : undefined;
    return a.terms.every((t) => t.coef % b === 0)
      ? fromTerms(a.terms.map((t) => ({ ...t, coef: t.coef / b })))
      : undefined;
  }
  if (b.terms.length !== 1) return undefined;
  const by = b.terms[0]!;
  const out: Term[] = [];
  for (const t of termsOf(a)) {
    const rest = [...t.factors];
    for (const f of by.factors) {
      const at = rest.findIndex((x) => x.key === f.key);
      if (at < 0) return undefined;
      rest.splice(at, 1);
    }
    if (t.coef % by.coef !== 0) return undefined;
    out.push(term(t.coef / by.coef, rest));
  }
  return fromTerms(out);
}

/** Quotient rounded towards minus infinity, as Python's `//`. */
export function floorDivDim(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return Math.floor(a / b);
  const exact = divideExactly(a, b);
  if (exact !== undefined) return exact;
  if (typeof a !== "number" && typeof b === "number" && b > 0) {
    // whole multiples come out: floordiv(4*s + 3, 2) = 2*s + 1 + floordiv(1, 2)
    const whole = a.terms.filter((t) => t.coef % b === 0);
    const rest = a.terms.filter((t) => t.coef % b !== 0);
    const constant = rest.find((t) => t.factors.length === 0);
    if (whole.length || (constant && (constant.coef < 0 || constant.coef >= b))) {
      const q = constant ? Math.floor(constant.coef / b) : 0;
      const left = rest.map((t) => (t === constant ? term(t.coef - q * b, []) : t));
      const outside = fromTerms([...whole.map((t) => ({ ...t, coef: t.coef / b })), ...termsOf(q)]);
      return addDim(outside, floorDivDim(fromTerms(left), b));
    }
  }
  return call("floordiv", a, b);
}
/** Remainder with the sign of `b`, as Python's `%`. */
export function modDim(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return a - b * Math.floor(a / b);
  return divideExactly(a, b) !== undefined ? 0 : call("mod", a, b);
}
export function maxDim(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return Math.max(a, b);
  return sameDim(a, b) ? a : call("max", a, b);
}
export function minDim(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return Math.min(a, b);
  return sameDim(a, b) ? a : call("min", a, b);
}

const functions: Readonly<Record<DimFunction, (a: Dim, b: Dim) => Dim>> = {
  floordiv: floorDivDim,
  mod: modDim,
  max: maxDim,
  min: minDim,
};

/** `d` with symbols replaced by what `bind` gives for them; unbound symbols stay. */
export function substitute(d: Dim, bind: (symbol: string) => Dim | undefined): Dim {
  if (typeof d === "number") return d;
  return d.terms.reduce<Dim>((sum, t) => {
    const product = t.factors.reduce<Dim>(
      (p, f) =>
        mulDim(
          p,
          "sym" in f
            ? (bind(f.sym) ?? symbol(f.sym))
            : functions[f.fn](substitute(f.args[0], bind), substitute(f.args[1], bind)),
        ),
      t.coef,
    );
    return addDim(sum, product);
  }, 0);
}

/** Names of the symbols in `d`. */
export function symbolsOf(d: Dim, into: Set<string> = new Set()): Set<string> {
  if (typeof d !== "number")
    for (const t of d.terms)
      for (const f of t.factors) {
        if ("sym" in f) into.add(f.sym);
        else for (const a of f.args) symbolsOf(a, into);
      }
  return into;
}

const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b);

/** Bounds of `d` by interval arithmetic: never tighter than the truth. */
export function boundsOf(d: Dim, range: (symbol: string) => SymbolRange): SymbolRange {
  if (typeof d === "number") return { min: d, max: d };
  let min = 0;
  let max = 0;
  for (const t of d.terms) {
    let lo = t.coef;
    let hi = t.coef;
    for (const f of t.factors) {
      const r = "sym" in f ? range(f.sym) : boundsOfCall(f.fn, f.args, range);
      const c = [times(lo, r.min), times(lo, r.max), times(hi, r.min), times(hi, r.max)];
      lo = Math.min(...c);
      hi = Math.max(...c);
    }
    min += lo;
    max += hi;
  }
  return { min, max };
}

function boundsOfCall(fn: DimFunction, args: readonly [Dim, Dim], range: (symbol: string) => SymbolRange): SymbolRange {
  const a = boundsOf(args[0], range);
  const b = boundsOf(args[1], range);
  if (fn === "max") return { min: Math.max(a.min, b.min), max: Math.max(a.max, b.max) };
  if (fn === "min") return { min: Math.min(a.min, b.min), max: Math.min(a.max, b.max) };
  if (b.min <= 0) return { min: -Infinity, max: Infinity };
  if (fn === "mod") return { min: 0, max: b.max - 1 };
  const c = [a.min / b.min, a.min / b.max, a.max / b.min, a.max / b.max].map((x) =>
    Number.isNaN(x) ? 0 : Math.floor(x),
  );
  return { min: Math.min(...c), max: Math.max(...c) };
}

/** Reads what {@link showDim} writes. Throws a `SyntaxError` that says where the text goes wrong. */
export function parseDim(text: string): Dim {
  let at = 0;
  const fail = (expected: string): never => {
    throw new SyntaxError(`expected ${expected} in dimension "${text}" at column ${at + 1}`);
  };
  const eat = (c: string): boolean => text[at] === c && ++at > 0;
  const sum = (): Dim => {
    let value = eat("-") ? mulDim(product(), -1) : product();
    for (;;) {
      if (eat("+")) value = addDim(value, product());
      else if (eat("-")) value = subDim(value, product());
      else return value;
    }
  };
  const product = (): Dim => {
    let value = factor();
    while (eat("*")) value = mulDim(value, factor());
    return value;
  };
  const factor = (): Dim => {
    if (eat("(")) {
      const value = sum();
      return eat(")") ? value : fail('")"');
    }
    const m = /^(?:\d+|[A-Za-z_]\w*)/.exec(text.slice(at));
    if (!m) return fail("a number or a symbol");
    at += m[0].length;
    if (/^\d/.test(m[0])) return Number(m[0]);
    if (!eat("(")) return symbol(m[0]);
    const fn = Object.hasOwn(functions, m[0]) ? functions[m[0] as DimFunction] : fail("floordiv, mod, max or min");
    const a = sum();
    if (!eat(",")) fail('","');
    const b = sum();
    return eat(")") ? fn(a, b) : fail('")"');
  };
  const value = sum();
  return at === text.length ? value : fail("the end");
}
