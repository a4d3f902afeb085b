import type { Int } from "../schema/exported-program.ts";
import type { Pt2DType } from "../schema/scalar-type.ts";

/** Bytes that a pickle refers to by a key; they lie next to it in the archive. */
export interface PickledStorage {
  readonly kind: "storage";
  readonly key: string;
  /** Undefined for an untyped storage: the tensor says the type. */
  readonly dtype: Pt2DType | undefined;
  /** Elements of `dtype`, or bytes when untyped. */
  readonly count: number;
}

/** A tensor of a pickle. */
export interface PickledTensor {
  readonly kind: "tensor";
  readonly storage: PickledStorage;
  readonly dtype: Pt2DType;
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly storageOffset: number;
  readonly requiresGrad: boolean;
  readonly isParam: boolean;
}

/**
 * A tensor whose class is not torch's own, made of tensors that its state names: the quantized weights of torchao.
 * The class is a name only; the program says with ops of its own what the parts mean.
 */
export interface PickledSubclass {
  readonly kind: "subclass";
  readonly class: string;
  readonly dtype: Pt2DType;
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly state: readonly (readonly [string, PickleValue])[];
}

interface Items<K extends string> {
  readonly kind: K;
  readonly items: PickleValue[];
}

/**
 * A Python value as plain data. An `int` is a number or a bigint, a `float` is boxed, as Python tells them apart.
 * Lists and dictionaries may be shared, and a crafted pickle can make them contain themselves.
 */
export type PickleValue =
  | null
  | boolean
  | string
  | Int
  | Uint8Array
  | PickledStorage
  | PickledTensor
  | PickledSubclass
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "complex"; readonly real: number; readonly imag: number }
  | Items<"list">
  | Items<"tuple">
  | Items<"set">
  | { readonly kind: "dict"; readonly entries: [PickleValue, PickleValue][] }
  | { readonly kind: "slice"; readonly items: readonly PickleValue[] }
  | { readonly kind: "device"; readonly device: string }
  | { readonly kind: "dtype"; readonly dtype: Pt2DType }
  /** A layout, memory format or other constant of torch that needs no data. */
  | { readonly kind: "named"; readonly name: string }
  /** An object of a class that is only a name; what it was made of is dropped. */
  | { readonly kind: "object"; readonly class: string }
  /** A function or class that is known, and that only the reader itself applies. */
  | { readonly kind: "global"; readonly name: string };

/** What Python calls the kind of `value`. */
export function pythonType(value: PickleValue): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number" || typeof value === "bigint") return "int";
  if (typeof value === "string") return "str";
  if (value instanceof Uint8Array) return "bytes";
  if (value.kind === "named" || value.kind === "global") return value.name;
  if (value.kind === "dtype") return "torch.dtype";
  if (value.kind === "device") return "torch.device";
  if (value.kind === "object" || value.kind === "subclass") return value.class;
  return value.kind;
}

/** Whether `value` is boxed and of `kind`. */
export function isKind<K extends Extract<PickleValue, { kind: string }>["kind"]>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<PickleValue, { kind: K }> {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
}
