import { quote } from "../import-error.ts";
import { dtypeOfTorchName, type Pt2DType } from "../schema/scalar-type.ts";
import { malformed, PickleRefusal } from "./pickle-refusal.ts";
import {
  isKind,
  type PickledStorage,
  type PickledSubclass,
  type PickledTensor,
  type PickleValue,
  pythonType,
} from "./pickle-value.ts";

/** The typed storages of torch, by class name. */
const storageTypes: ReadonlyMap<string, Pt2DType> = new Map([
  ["DoubleStorage", "f64"],
  ["FloatStorage", "f32"],
  ["HalfStorage", "f16"],
  ["BFloat16Storage", "bf16"],
  ["LongStorage", "i64"],
  ["IntStorage", "i32"],
  ["ShortStorage", "i16"],
  ["CharStorage", "i8"],
  ["ByteStorage", "u8"],
  ["BoolStorage", "bool"],
  ["ComplexDoubleStorage", "c128"],
  ["ComplexFloatStorage", "c64"],
]);

/** Constants of torch that a pickle may mention and that carry no data. */
const named = new Set([
  ...["strided", "sparse_coo", "sparse_csr", "sparse_csc", "sparse_bsr", "sparse_bsc", "_mkldnn"],
  ...["contiguous_format", "channels_last", "channels_last_3d", "preserve_format"],
]);

/** Classes that appear as arguments only. */
const classes = new Set([
  "torch.Tensor",
  "torch._tensor.Tensor",
  "torch.nn.parameter.Parameter",
  "torch.nn.parameter.Buffer",
]);

/** Counts items that are copied: a short pickle can ask for the same copy millions of times. */
export type Charge = (items: number) => void;
type Apply = (args: readonly PickleValue[], charge: Charge) => PickleValue;
/** What torch allows. */
const maxRank = 64;

const functions: ReadonlyMap<string, Apply> = new Map<string, Apply>([
  ["collections.OrderedDict", dict],
  ["builtins.dict", dict],
  ["builtins.list", (args, charge) => ({ kind: "list", items: copy(args, charge) })],
  ["builtins.tuple", (args, charge) => ({ kind: "tuple", items: copy(args, charge) })],
  ["builtins.set", (args, charge) => ({ kind: "set", items: copy(args, charge) })],
  ["builtins.frozenset", (args, charge) => ({ kind: "set", items: copy(args, charge) })],
  ["builtins.slice", (args) => ({ kind: "slice", items: args })],
  ["builtins.bytearray", ([from]) => (from instanceof Uint8Array ? from : new Uint8Array(0))],
  ["builtins.complex", ([real, imag]) => ({ kind: "complex", real: float(real), imag: float(imag) })],
  ["_codecs.encode", encode],
  ["torch.Size", (args, charge) => ({ kind: "tuple", items: copy(args, charge) })],
  [
    "torch.device",
    ([type, index]) => ({
      kind: "device",
      device: index === undefined || index === null ? text(type) : `${text(type)}:${integer(index)}`,
    }),
  ],
  ["torch.serialization._get_layout", ([name]) => ({ kind: "named", name: text(name) })],
  [
    "torch._utils._rebuild_tensor",
    ([storage, offset, sizes, strides]) => tensor(storage, offset, sizes, strides, false),
  ],
  [
    "torch._utils._rebuild_tensor_v2",
    ([storage, offset, sizes, strides, grad, , metadata]) =>
      plain(metadata, tensor(storage, offset, sizes, strides, grad === true)),
  ],
  [
    "torch._utils._rebuild_tensor_v3",
    ([storage, offset, sizes, strides, grad, , dtype, metadata]) =>
      plain(metadata, tensor(storage, offset, sizes, strides, grad === true, dtype)),
  ],
  [
    "torch._utils._rebuild_parameter",
    ([data, grad]) => ({ ...needTensor(data), requiresGrad: grad === true, isParam: true }),
  ],
  [
    "torch._utils._rebuild_parameter_with_state",
    ([data, grad]) => ({ ...needTensor(data), requiresGrad: grad === true, isParam: true }),
  ],
  ["torch._tensor._rebuild_from_type_v2", fromType],
  ["torch._utils._rebuild_wrapper_subclass", wrapper],
]);

/**
 * Names of torchao's classes are let through, and objects of them are empty: quantized programs keep such objects
 * beside the tensors, which their graphs access by name.
 */
const isInert = (name: string): boolean => name.startsWith("torchao.");

const whyNot: readonly (readonly [RegExp, string])[] = [
  [
    /_rebuild_qtensor/,
    "the program holds tensors of torch's eager quantization; quantize with PT2E or torchao, or convert the float model and quantize with tflower",
  ],
  [/_rebuild_sparse/, "the program holds sparse tensors; call to_dense() on them before the export"],
  [
    /_reconstruct_fake_tensor|_rebuild_meta_tensor/,
    "the program holds fake or meta tensors, which have no data; export it with real ones",
  ],
  [/^__torch__|ScriptObject/, "the program holds TorchScript objects; replace them by plain modules before the export"],
];

/** The value that a pickle names by module and name; refuses all that is not listed in this file. */
export function findGlobal(module: string, name: string): PickleValue {
  // `__builtin__` is what protocol 2 calls the module that Python 3 renamed
  const full = `${module === "__builtin__" ? "builtins" : module}.${name}`;
  if (functions.has(full) || classes.has(full)) return { kind: "global", name: full };
  if (module === "torch" || module === "torch.storage") {
    if (storageTypes.has(name) || name === "UntypedStorage") return { kind: "global", name: `torch.${name}` };
    const dtype = dtypeOfTorchName(name);
    if (dtype) return { kind: "dtype", dtype };
    // torch has no tensors of these, but classes of quantized tensors mention them
    if (named.has(name) || /^u?int[1-7]$/.test(name)) return { kind: "named", name: full };
  }
  if (isInert(full)) return { kind: "named", name: full };
  const help = whyNot.find(([pattern]) => pattern.test(full))?.[1];
  throw new PickleRefusal(
    "IMP0016",
    `the pickle asks for ${quote(full)}; only plain tensors and Python containers are read, and nothing is run`,
    help ?? "export the program with plain tensors, numbers, lists, tuples and dicts only",
  );
}

/** What calling `callee` gives; only functions of {@link findGlobal} can be called. */
export function applyGlobal(callee: PickleValue, args: PickleValue, charge: Charge): PickleValue {
  if (isKind(callee, "named") && isInert(callee.name)) return { kind: "object", class: callee.name };
  const apply = isKind(callee, "global") ? functions.get(callee.name) : undefined;
  if (!apply) throw malformed(`the pickle calls ${quote(pythonType(callee))}, which cannot be called`);
  if (!isKind(args, "tuple")) throw malformed("the arguments of a call are no tuple");
  return apply(args.items, charge);
}

/** The storage that a persistent id names: `("storage", class, key, location, count)`. */
export function storageOf(id: PickleValue): PickledStorage {
  if (!isKind(id, "tuple")) throw malformed("a persistent id is no tuple");
  const [tag, type, key, , count] = id.items;
  if (tag !== "storage" || !isKind(type, "global") || typeof key !== "string")
    throw malformed("a persistent id names something other than a storage");
  const name = type.name.slice("torch.".length);
  if (name !== "UntypedStorage" && !storageTypes.has(name))
    throw malformed(`${quote(type.name)} is no class of storages`);
  return { kind: "storage", key, dtype: storageTypes.get(name), count: integer(count) };
}

function tensor(
  storage: PickleValue | undefined,
  offset: PickleValue | undefined,
  sizes: PickleValue | undefined,
  strides: PickleValue | undefined,
  requiresGrad: boolean,
  type?: PickleValue,
): PickledTensor {
  if (!isKind(storage, "storage")) throw malformed("a tensor has no storage");
  const dtype = type === undefined ? storage.dtype : isKind(type, "dtype") ? type.dtype : undefined;
  if (dtype === undefined) throw malformed("a tensor has no element type");
  const shape = integers(sizes);
  const steps = integers(strides);
  if (shape.length !== steps.length) throw malformed(`a tensor has ${shape.length} sizes and ${steps.length} strides`);
  return {
    kind: "tensor",
    storage,
    dtype,
    sizes: shape,
    strides: steps,
    storageOffset: integer(offset),
    requiresGrad,
    isParam: false,
  };
}

/** Refuses the marks of lazily conjugated or negated tensors: their bytes are not their values. */
function plain(metadata: PickleValue | undefined, value: PickledTensor): PickledTensor {
  if (isKind(metadata, "dict") && metadata.entries.some(([k, v]) => (k === "conj" || k === "neg") && v === true))
    throw new PickleRefusal(
      "IMP0019",
      "a tensor is stored conjugated or negated",
      "call resolve_conj() and resolve_neg() on it before the export",
    );
  return value;
}

/** `(make, class, arguments, state)`: a tensor with attributes that someone hung on it, or a subclass made of its state. */
function fromType([make, type, args, state]: readonly PickleValue[], charge: Charge): PickleValue {
  if (!isKind(make, "global") || !isKind(args, "tuple")) throw malformed("a tensor is not made by a function");
  if (make.name === "torch._utils._rebuild_wrapper_subclass") {
    const parts = isKind(state, "tuple") ? state.items[0] : state;
    if (!isKind(parts, "dict")) throw malformed("a tensor subclass has no state");
    charge(parts.entries.length);
    return { ...wrapper(args.items), state: parts.entries.map(([k, v]) => [text(k), v]) };
  }
  if (!/^torch\._utils\._rebuild_tensor(_v[23])?$/.test(make.name))
    throw malformed(`a tensor is made by ${quote(make.name)}`);
  if (!isKind(type, "global") || !classes.has(type.name))
    throw new PickleRefusal(
      "IMP0016",
      `a tensor has the class ${quote(pythonType(type ?? null))}, whose meaning only Python knows`,
      "use plain tensors in the program that is exported",
    );
  return applyGlobal(make, args, charge);
}

/** `(class, dtype, sizes, strides, offset, layout, device, requires_grad)` */
function wrapper([type, dtype, sizes, strides]: readonly PickleValue[]): PickledSubclass {
  if (!isKind(type, "named") || !isKind(dtype, "dtype"))
    throw malformed("a tensor subclass has no class or element type");
  return {
    kind: "subclass",
    class: type.name,
    dtype: dtype.dtype,
    sizes: integers(sizes),
    strides: integers(strides),
    state: [],
  };
}

function needTensor(value: PickleValue | undefined): PickledTensor {
  if (isKind(value, "tensor")) return value;
  throw malformed(`a parameter is made of ${quote(pythonType(value ?? null))} instead of a tensor`);
}

function dict([from]: readonly PickleValue[], charge: Charge): PickleValue {
  if (from === undefined) return { kind: "dict", entries: [] };
  if (isKind(from, "dict")) {
    charge(from.entries.length);
    return { kind: "dict", entries: [...from.entries] };
  }
  return {
    kind: "dict",
    entries: copy([from], charge).map((pair) => {
      const items = isKind(pair, "tuple") || isKind(pair, "list") ? pair.items : [];
      if (items.length !== 2) throw malformed("a dict is made of something other than pairs");
      return [items[0]!, items[1]!];
    }),
  };
}

function copy([from]: readonly PickleValue[], charge: Charge): PickleValue[] {
  if (from === undefined) return [];
  if (isKind(from, "list") || isKind(from, "tuple") || isKind(from, "set")) {
    charge(from.items.length);
    return [...from.items];
  }
  throw malformed(`expected a list or a tuple, got ${quote(pythonType(from))}`);
}

/** How protocol 2 writes bytes: text whose characters are the bytes. */
function encode([from, encoding]: readonly PickleValue[], charge: Charge): Uint8Array {
  const characters = text(from);
  charge(characters.length);
  if (encoding !== "latin1" && encoding !== "latin-1")
    throw malformed(`text is encoded as ${quote(pythonType(encoding ?? null))}`);
  return Uint8Array.from(characters, (c) => c.charCodeAt(0));
}

function text(value: PickleValue | undefined): string {
  if (typeof value === "string") return value;
  throw malformed(`expected text, got ${quote(pythonType(value ?? null))}`);
}

function float(value: PickleValue | undefined): number {
  if (typeof value === "number") return value;
  if (isKind(value, "float")) return value.value;
  throw malformed(`expected a number, got ${quote(pythonType(value ?? null))}`);
}

function integer(value: PickleValue | undefined): number {
  if (typeof value === "number" && value >= 0) return value;
  throw malformed(`expected a size, got ${typeof value === "number" ? value : quote(pythonType(value ?? null))}`);
}

function integers(value: PickleValue | undefined): number[] {
  if ((isKind(value, "tuple") || isKind(value, "list")) && value.items.length <= maxRank)
    return value.items.map(integer);
  throw malformed(`expected a tuple of at most ${maxRank} sizes, got ${quote(pythonType(value ?? null))}`);
}
