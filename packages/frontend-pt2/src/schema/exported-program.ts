import type { Layout, MemoryFormat, Pt2DType } from "./scalar-type.ts";
import type { SymNode } from "./sym-expr.ts";

/** An int64 of the file: a `bigint` only where a `number` would lose digits. */
export type Int = number | bigint;

/** A value that depends on the size of an input. */
export interface SymExpr {
  /** The file's own text. */
  readonly text: string;
  readonly expr: SymNode;
  /** Its value for the sample inputs; undefined where it depends on data (`u0`). */
  readonly hint: Int | boolean | undefined;
}

/** A size, stride or offset: a known number or an expression. */
export type SymSize = number | SymExpr;

/** Where a tensor lived when the program was exported. */
export interface Device {
  readonly type: string;
  readonly index: number | undefined;
}

/** Type of a tensor value, `TensorMeta` of the file. */
export interface TensorMeta {
  readonly dtype: Pt2DType;
  readonly sizes: readonly SymSize[];
  readonly strides: readonly SymSize[];
  readonly storageOffset: SymSize;
  readonly requiresGrad: boolean;
  readonly device: Device;
  readonly layout: Layout;
}

/**
 * What a node takes or gives. Names refer to the values of the graph that the node is in.
 * `as_optional_tensor` is decoded to `tensor` or `none`, `as_sym_int {as_int}` to `int`, and so on.
 */
export type Argument =
  | { readonly kind: "none" }
  | { readonly kind: "tensor"; readonly name: string }
  | { readonly kind: "tensors"; readonly names: readonly string[] }
  | { readonly kind: "optionalTensors"; readonly names: readonly (string | null)[] }
  | { readonly kind: "nestedTensors"; readonly names: readonly (readonly string[])[] }
  | { readonly kind: "int"; readonly value: Int }
  | { readonly kind: "ints"; readonly values: readonly Int[] }
  | { readonly kind: "intLists"; readonly values: readonly (readonly Int[])[] }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "floats"; readonly values: readonly number[] }
  | { readonly kind: "floatLists"; readonly values: readonly (readonly number[])[] }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "bools"; readonly values: readonly boolean[] }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "strings"; readonly values: readonly string[] }
  | { readonly kind: "complex"; readonly real: number; readonly imag: number }
  | { readonly kind: "symInt"; readonly name: string }
  /** Strings are names of values of the graph, numbers are literals; so for `symFloats` and `symBools`. */
  | { readonly kind: "symInts"; readonly values: readonly (string | Int)[] }
  | { readonly kind: "symFloat"; readonly name: string }
  | { readonly kind: "symFloats"; readonly values: readonly (string | number)[] }
  | { readonly kind: "symBool"; readonly name: string }
  | { readonly kind: "symBools"; readonly values: readonly (string | boolean)[] }
  | { readonly kind: "dtype"; readonly dtype: Pt2DType }
  | { readonly kind: "memoryFormat"; readonly format: MemoryFormat }
  | { readonly kind: "layout"; readonly layout: Layout }
  | { readonly kind: "device"; readonly device: Device }
  | { readonly kind: "graph"; readonly name: string; readonly graph: ExportGraph }
  | { readonly kind: "customObject"; readonly name: string; readonly classFqn: string }
  | { readonly kind: "operator"; readonly target: string }
  | { readonly kind: "dict"; readonly entries: ReadonlyMap<string, Argument> };

/** One argument of a node. Higher-order ops give no names: `name` is then empty. */
export interface NamedArgument {
  readonly name: string;
  readonly arg: Argument;
  /** Unknown in files of older schemas. */
  readonly passing: "positional" | "keyword" | "unknown";
}

/** One call. Arguments that have their default value are left out by the exporter. */
export interface ExportNode {
  /** Empty in files of older schemas. */
  readonly name: string;
  /** Such as `torch.ops.aten.conv2d.default` or `_operator.add`. */
  readonly target: string;
  readonly inputs: readonly NamedArgument[];
  readonly outputs: readonly Argument[];
  /** Text by key: `stack_trace`, `nn_module_stack`, `torch_fn`, `from_node`, `custom`, ... */
  readonly metadata: ReadonlyMap<string, string>;
  /** Only for higher-order ops: the op returns a tensor, not a tuple of one. */
  readonly isHopSingleTensorReturn: boolean | undefined;
}

/** A graph, or the body of a control-flow op. */
export interface ExportGraph {
  readonly inputs: readonly Argument[];
  readonly outputs: readonly Argument[];
  readonly nodes: readonly ExportNode[];
  readonly tensorValues: ReadonlyMap<string, TensorMeta>;
  readonly symIntValues: ReadonlyMap<string, Int | SymExpr>;
  readonly symFloatValues: ReadonlyMap<string, number | SymExpr>;
  readonly symBoolValues: ReadonlyMap<string, boolean | SymExpr>;
  /** Class by name of the value. */
  readonly customObjectValues: ReadonlyMap<string, string>;
  readonly isSingleTensorReturn: boolean;
}

/** A Python value that the exporter baked into the program. */
export type ConstantValue = Extract<Argument, { readonly kind: "none" | "int" | "float" | "bool" | "string" }>;

/** Meaning of one graph input, in the order of `ExportGraph.inputs`. */
export type InputSpec =
  | { readonly kind: "userInput"; readonly arg: Argument }
  | { readonly kind: "constantInput"; readonly name: string; readonly value: ConstantValue }
  | { readonly kind: "parameter"; readonly name: string; readonly fqn: string }
  | { readonly kind: "buffer"; readonly name: string; readonly fqn: string; readonly persistent: boolean }
  | { readonly kind: "tensorConstant"; readonly name: string; readonly fqn: string }
  | { readonly kind: "customObject"; readonly name: string; readonly fqn: string; readonly classFqn: string }
  | { readonly kind: "token"; readonly name: string };

/** Meaning of one graph output, in the order of `ExportGraph.outputs`. */
export type OutputSpec =
  | { readonly kind: "userOutput"; readonly arg: Argument }
  | { readonly kind: "lossOutput"; readonly name: string }
  | { readonly kind: "bufferMutation"; readonly name: string; readonly fqn: string }
  | { readonly kind: "parameterMutation"; readonly name: string; readonly fqn: string }
  | { readonly kind: "userInputMutation"; readonly name: string; readonly input: string }
  | { readonly kind: "gradientToParameter"; readonly name: string; readonly fqn: string }
  | { readonly kind: "gradientToUserInput"; readonly name: string; readonly input: string }
  | { readonly kind: "token"; readonly name: string };

/** What the graph's inputs and outputs mean. */
export interface GraphSignature {
  readonly inputs: readonly InputSpec[];
  readonly outputs: readonly OutputSpec[];
}

/** How a module was called; the entry with an empty name is the whole program. */
export interface ModuleCall {
  readonly fqn: string;
  readonly signature:
    | {
        readonly inputs: readonly Argument[];
        readonly outputs: readonly Argument[];
        /** JSON text of a pytree; see `parseTreeSpec`. */
        readonly inSpec: string;
        readonly outSpec: string;
        readonly forwardArgNames: readonly string[] | undefined;
      }
    | undefined;
}

/** Bounds of a symbol, inclusive; undefined where there is none. */
export interface RangeConstraint {
  readonly min: Int | undefined;
  readonly max: Int | undefined;
}

/** Version of the file's schema. */
export interface SchemaVersion {
  readonly major: number;
  readonly minor: number;
}

/** `model.json`, checked and decoded. */
export interface ExportedProgram {
  readonly graph: ExportGraph;
  readonly signature: GraphSignature;
  readonly moduleCalls: readonly ModuleCall[];
  readonly metadata: ReadonlyMap<string, string>;
  /** Field names of the named tuples that appear in pytree specs, by type. */
  readonly namedTupleFields: ReadonlyMap<string, readonly string[]>;
  readonly opsetVersion: ReadonlyMap<string, number>;
  readonly rangeConstraints: ReadonlyMap<string, RangeConstraint>;
  readonly schemaVersion: SchemaVersion;
  readonly verifiers: readonly string[];
  readonly torchVersion: string;
  readonly guardsCode: readonly string[];
}

/** Where the bytes of one tensor lie, from the weights or constants table of the archive. */
export interface PayloadMeta {
  readonly pathName: string;
  readonly isParam: boolean;
  readonly usePickle: boolean;
  readonly tensorMeta: TensorMeta | undefined;
}
