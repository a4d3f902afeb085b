import {
  type Attr,
  type Attrs,
  attr,
  type Complex,
  type Dim,
  type DType,
  defineOp,
  type OpDef,
  type Operand,
  type Operands,
  type OpSpec,
  operand,
  type Scalar,
  type Traits,
} from "@tflower/core";

// ---- types read from an ATen schema line, e.g. `gelu(Tensor self, *, str approximate='none') -> Tensor` ----
type Trim<S extends string> = S extends ` ${infer R}` ? Trim<R> : S extends `${infer R} ` ? Trim<R> : S;
/** What a non-tensor argument type of ATen is in TypeScript. */
export interface ScalarTypes {
  str: string;
  int: number;
  SymInt: Dim;
  float: number;
  bool: boolean;
  complex: Complex;
  Scalar: Scalar;
  ScalarType: DType;
  Device: string;
  Layout: string;
  MemoryFormat: string;
  Generator: string;
  Dimname: string;
  Storage: string;
}
export type PlainOf<T extends string> = T extends `${infer U}?`
  ? PlainOf<U> | undefined
  : T extends `${infer U}[${string}]`
    ? readonly PlainOf<U>[]
    : T extends keyof ScalarTypes
      ? ScalarTypes[T]
      : never;
export type OperandOf<T extends string> = T extends `Tensor?[]${string}`
  ? Operand<"variadicOptional">
  : T extends `Tensor[]${string}` | `Tensor(${string})[]`
    ? Operand<"variadic">
    : T extends `Tensor?` | `Tensor(${string})?`
      ? Operand<"optional">
      : Operand<"one">;
type Args<S extends string> = S extends `${infer A}, ${infer R}`
  ? [Trim<A>, ...Args<R>]
  : Trim<S> extends ""
    ? []
    : [Trim<S>];
// `Tensor(a -> *) self` has spaces inside its type
type ArgName<N extends string> = N extends `-> *) ${infer M}` ? M : N extends `${infer M}=${string}` ? M : N;
export type TensorArgs<A, Acc = {}> = A extends [`${infer T} ${infer N}`, ...infer R]
  ? TensorArgs<R, T extends `Tensor${string}` ? Acc & { readonly [K in ArgName<N>]: OperandOf<T> } : Acc>
  : A extends [string, ...infer R]
    ? TensorArgs<R, Acc>
    : { [K in keyof Acc]: Acc[K] };
export type ScalarArgs<A, Acc = {}> = A extends [`${infer T} ${infer N}`, ...infer R]
  ? ScalarArgs<
      R,
      T extends `Tensor${string}`
        ? Acc
        : Acc & { readonly [K in ArgName<N>]: Attr<PlainOf<T>, N extends `${string}=${string}` ? true : false> }
    >
  : A extends [string, ...infer R]
    ? ScalarArgs<R, Acc>
    : { [K in keyof Acc]: Acc[K] };
/** The arguments of a schema line. */
export type Inner<S extends string> = S extends `${string}(${infer R}`
  ? R extends `${infer A}) -> ${string}`
    ? Args<A>
    : never
  : never;
type NameOf<S extends string> = S extends `${infer N}(${string}`
  ? N extends `${string}::${string}`
    ? Namespaced<N>
    : `aten.${N}`
  : never;
type Namespaced<N extends string> = N extends `${infer NS}::${infer R}` ? `${NS}.${R}` : never;
export type As<T, C> = T extends C ? T : never;
export type Merge<A, B> = { [K in keyof A]: K extends keyof B ? B[K] : A[K] };

type AtenSpec<S extends string, N> = Omit<
  OpSpec<As<TensorArgs<Inner<S>>, Operands>, As<Merge<ScalarArgs<Inner<S>>, N>, Attrs>>,
  "operands" | "attrs"
> & {
  /** Narrows attributes that the line leaves loose, as `str` to a choice. */
  readonly attrs?: N;
  /** Narrows operands that the line leaves loose. */
  readonly operands?: { readonly [K in keyof TensorArgs<Inner<S>>]?: Operand };
};

/**
 * Declares an op from the line PyTorch itself declares it with. `name` without a namespace is `aten`'s; an overload
 * called `default` is left out. Aliases (`Tensor(a)`) make it a view, writes (`Tensor(a!)`) an in-place op.
 *
 * @example
 * const relu = defineAten("relu(Tensor self) -> Tensor", { summary: "max(x, 0).", infer: ({ self }) => self });
 */
export function defineAten<
  const S extends string,
  const N extends { readonly [K in keyof ScalarArgs<Inner<S>>]?: Attr<any> } = {},
>(
  schema: S,
  spec: AtenSpec<S, N>,
): OpDef<NameOf<S>, As<TensorArgs<Inner<S>>, Operands>, As<Merge<ScalarArgs<Inner<S>>, N>, Attrs>> {
  const line = parseSchemaLine(schema);
  const operands: Record<string, Operand> = {};
  const attrs: Record<string, Attr<any>> = {};
  const traits: { view?: Traits["view"]; schema: string } = { schema };
  for (const a of line.args) {
    if (a.type.startsWith("Tensor")) {
      const narrowed = (spec.operands as Record<string, Operand> | undefined)?.[a.name];
      operands[a.name] = { ...(narrowed ?? operand.tensor), kind: operandKind(a.type) };
      if (/\(\w+( -> \*)?\)/.test(a.type)) traits.view = { operand: a.name };
    } else
      attrs[a.name] = (spec.attrs as Record<string, Attr<any>> | undefined)?.[a.name] ?? scalarAttr(a.type, a.default);
  }
  return defineOp(
    line.name as `${string}.${string}`,
    { ...(spec as object), operands, attrs, traits: { ...traits, ...spec.traits } } as never,
  ) as never;
}

interface SchemaArgument {
  readonly type: string;
  readonly name: string;
  readonly default: string | undefined;
}
/** Splits a schema line. Throws when it is not one. */
export function parseSchemaLine(schema: string): {
  readonly name: string;
  readonly args: readonly SchemaArgument[];
  readonly results: string;
} {
  const m = /^((?:\w+::)?[\w.]+)\((.*)\) -> (.*)$/.exec(schema);
  if (!m) throw new TypeError(`not an ATen schema line: ${schema}`);
  const name = m[1]!.includes("::") ? m[1]!.replace("::", ".") : `aten.${m[1]}`;
  const args = m[2]!
    .split(/, (?![^[]*\])/)
    .filter((x) => x && x !== "*")
    .map((a) => {
      const p = /^(\S+(?: -> \*\)\S*)?) (\w+)(?:=(.*))?$/.exec(a);
      if (!p) throw new TypeError(`not an argument of an ATen schema line: "${a}" in ${schema}`);
      return { type: p[1]!, name: p[2]!, default: p[3] };
    });
  return { name, args, results: m[3]! };
}

function operandKind(type: string): Operand["kind"] {
  const t = type.replace(/\(.*?\)/, "");
  return t === "Tensor?[]"
    ? "variadicOptional"
    : t.startsWith("Tensor[")
      ? "variadic"
      : t === "Tensor?"
        ? "optional"
        : "one";
}

const base: Readonly<Record<string, Attr<any>>> = {
  str: attr.str,
  int: attr.int,
  SymInt: attr.dim,
  bool: attr.bool,
  float: attr.float,
  complex: attr.scalar,
  Scalar: attr.scalar,
  ScalarType: attr.dtype,
  Device: attr.str,
  Layout: attr.str,
  MemoryFormat: attr.str,
  Generator: attr.str,
  Dimname: attr.str,
  Storage: attr.str,
};

/** Attributes by what the lines say of them: the same few come back in a thousand ops. */
const scalarAttrs = new Map<string, Attr<any>>();
function scalarAttr(type: string, text: string | undefined): Attr<any> {
  const key = `${type}=${text}`;
  let found = scalarAttrs.get(key);
  if (!found) scalarAttrs.set(key, (found = readScalarAttr(type, text)));
  return found;
}

function readScalarAttr(type: string, text: string | undefined): Attr<any> {
  const m = /^(\w+?)(\?)?(\[(\d*)\])?(\?)?$/.exec(type);
  if (!m || !base[m[1]!]) throw new TypeError(`no attribute for ATen type "${type}"`);
  const [, name, inner, list, size, outer] = m;
  const one = inner ? attr.optional(base[name!]!) : base[name!]!;
  const many = list ? attr.list(one) : one;
  const full: Attr<any> = outer ? attr.optional(many) : many;
  if (text === undefined) return full;
  const value = defaultValue(name!, text);
  return {
    ...full,
    hasDefault: true,
    default: list && value !== undefined && !Array.isArray(value) ? Array(Number(size || 1)).fill(value) : value,
  };
}

const named: Readonly<Record<string, unknown>> = {
  None: undefined,
  True: true,
  False: false,
  contiguous_format: "contiguous_format",
  strided: "strided",
  long: "i64",
  Mean: 1,
  inf: Infinity,
};
function defaultValue(type: string, text: string): unknown {
  if (text in named) return named[text];
  if (/^['"].*['"]$/.test(text)) return text.slice(1, -1);
  if (text.startsWith("[")) {
    const inside = text.slice(1, -1).trim();
    return inside === "" ? [] : inside.split(/,\s*/).map((x) => defaultValue(type, x));
  }
  if (Number.isNaN(Number(text))) throw new TypeError(`no value for the default "${text}" of ATen type "${type}"`);
  // a Scalar default is an int or a float as it is written: 1 or 1.0
  return type === "Scalar" && /^-?\d+$/.test(text) ? BigInt(text) : Number(text);
}
