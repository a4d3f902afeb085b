import { type Dim, type DimExpr, showDim } from "../ir/dim.ts";
import { type DType, dtypes } from "../ir/dtype.ts";

/** A complex scalar. */
export interface Complex {
  readonly re: number;
  readonly im: number;
}

/**
 * An attribute before its op has had a look: integers are `bigint`, so that `2` and `2.0` differ
 * (PyTorch's dtype promotion depends on it) and no int64 is lost.
 */
export type RawAttr = undefined | boolean | bigint | number | string | DimExpr | Complex | readonly RawAttr[];

/** A Python number: `bigint` is an `int`, `number` a `float`. */
export type Scalar = bigint | number | boolean | Complex;

/** How one attribute is checked, read, printed and defaulted. `D` says whether it may be left out. */
export interface Attr<T, D extends boolean = boolean> {
  /** What a value must be, for messages. */
  readonly expected: string;
  readonly check: (v: unknown) => v is T;
  /** The value that `raw` stands for; something that fails `check` when it stands for none. */
  readonly read: (raw: RawAttr) => unknown;
  readonly default: T | undefined;
  /** Whether a default exists (it may be `undefined`). */
  readonly hasDefault: D;
  /** For generators: which family this attribute belongs to, and its choices or element. */
  readonly kind: AttrKind;
  readonly choices?: readonly string[];
  readonly of?: Attr<any>;
  /** One sentence for help texts. */
  readonly summary?: string;
}
export type AttrKind =
  | "bool"
  | "int"
  | "dim"
  | "float"
  | "scalar"
  | "str"
  | "oneOf"
  | "dtype"
  | "graph"
  | "raw"
  | "list"
  | "optional";

/** An {@link Attr} that can still get a default. */
export interface AttrBuilder<T> extends Attr<T, false> {
  /** The same attribute, which may be left out. */
  default_(value: T): Attr<T, true>;
  /** The same attribute, with a sentence for help texts and documents. */
  about(summary: string): AttrBuilder<T>;
}

interface Extra {
  readonly choices?: readonly string[];
  readonly of?: Attr<any>;
  readonly summary?: string;
}

function make<T>(
  kind: AttrKind,
  expected: string,
  check: (v: unknown) => v is T,
  read: (raw: RawAttr) => unknown = (raw) => raw,
  extra: Extra = {},
): AttrBuilder<T> {
  const base = { kind, expected, check, read, ...extra };
  return {
    ...base,
    default: undefined,
    hasDefault: false,
    default_: (value) => ({ ...base, default: value, hasDefault: true }),
    about: (summary) => make(kind, expected, check, read, { ...extra, summary }),
  };
}

const isInt = (v: unknown): v is number => Number.isSafeInteger(v);
const isDim = (v: unknown): v is Dim => isInt(v) || (typeof v === "object" && v !== null && "terms" in v);
const isComplex = (v: unknown): v is Complex => typeof v === "object" && v !== null && "re" in v && "im" in v;
const isScalar = (v: unknown): v is Scalar =>
  typeof v === "bigint" || typeof v === "number" || typeof v === "boolean" || isComplex(v);

const int64Max = 2n ** 63n - 1n;
/** PyTorch writes "to the end" as the largest int64; a number cannot hold it, and any safe integer that large means the same. */
function readInt(raw: RawAttr): unknown {
  if (typeof raw !== "bigint") return raw;
  if (raw === int64Max) return Number.MAX_SAFE_INTEGER;
  if (raw === -int64Max - 1n || raw === -int64Max) return Number.MIN_SAFE_INTEGER;
  const n = Number(raw);
  return Number.isSafeInteger(n) ? n : raw;
}
const readFloat = (raw: RawAttr): unknown => (typeof raw === "bigint" ? Number(raw) : raw);

const list = <T>(of: Attr<T>): AttrBuilder<readonly T[]> =>
  make(
    "list",
    `a list, each ${of.expected}`,
    (v): v is readonly T[] => Array.isArray(v) && v.every((x) => of.check(x)),
    (raw) => (Array.isArray(raw) ? raw.map((x: RawAttr) => of.read(x)) : raw),
    { of },
  );
const optional = <T>(of: Attr<T>): AttrBuilder<T | undefined> =>
  make(
    "optional",
    `${of.expected} or none`,
    (v): v is T | undefined => v === undefined || of.check(v),
    (raw) => (raw === undefined ? undefined : of.read(raw)),
    { of },
  );
const int = make("int", "an integer", isInt, readInt);
const dim = make("dim", "an integer or a symbolic extent", isDim, readInt);
const float = make("float", "a number", (v): v is number => typeof v === "number", readFloat);

/** The kinds of attributes an op can declare. */
export const attr = {
  bool: make("bool", "true or false", (v): v is boolean => typeof v === "boolean"),
  /** An integer within 2^53. */
  int,
  /** An integer or a {@link DimExpr}: what ATen calls `SymInt`. */
  dim,
  float,
  /** A Python number whose kind matters: {@link Scalar}. */
  scalar: make("scalar", "a number", isScalar),
  str: make("str", "a string", (v): v is string => typeof v === "string"),
  dtype: make("dtype", "a dtype", (v): v is DType => typeof v === "string" && Object.hasOwn(dtypes, v)),
  /** Name of a graph of the same module: the body of a control-flow op. */
  graph: make("graph", "the name of a graph", (v): v is string => typeof v === "string"),
  /** Anything the text form can hold; for ops that tflower does not know. */
  raw: make("raw", "any value", (_v): _v is RawAttr => true),
  ints: list(int),
  dims: list(dim),
  floats: list(float),
  strs: list(make("str", "a string", (v): v is string => typeof v === "string")),
  oneOf: <const T extends string>(...choices: readonly T[]): AttrBuilder<T> =>
    make(
      "oneOf",
      `one of ${choices.map((c) => `"${c}"`).join(", ")}`,
      (v): v is T => choices.includes(v as T),
      undefined,
      { choices },
    ),
  list,
  optional,
};

/** Text of an attribute's value, as the text form writes it. */
export function showAttr(spec: Attr<any>, v: unknown): string {
  if (v === undefined) return "none";
  switch (spec.kind) {
    case "optional":
      return showAttr(spec.of!, v);
    case "list":
      return `[${(v as readonly unknown[]).map((x) => showAttr(spec.of!, x)).join(", ")}]`;
    case "graph":
      return `@${v}`;
    case "int":
    case "dim":
      return typeof v === "number" ? String(v) : `(${showDim(v as Dim)})`;
    case "float":
      return showFloat(v as number);
    default:
      return showRaw(v as RawAttr);
  }
}

const showFloat = (v: number): string =>
  Number.isNaN(v)
    ? "nan"
    : v === Infinity
      ? "inf"
      : v === -Infinity
        ? "-inf"
        : Object.is(v, -0)
          ? "-0.0"
          : Number.isInteger(v) && Math.abs(v) < 1e21
            ? `${v}.0`
            : String(v);

/** Text of a value whose kind is not declared. */
export function showRaw(v: RawAttr): string {
  if (v === undefined) return "none";
  if (typeof v === "number") return showFloat(v);
  if (typeof v === "string") return JSON.stringify(v);
  if (typeof v === "bigint" || typeof v === "boolean") return String(v);
  if (Array.isArray(v)) return `[${v.map(showRaw).join(", ")}]`;
  if (isComplex(v)) return `complex(${showFloat(v.re)}, ${showFloat(v.im)})`;
  return `(${showDim(v as DimExpr)})`;
}
