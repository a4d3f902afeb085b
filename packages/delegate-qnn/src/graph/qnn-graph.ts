import type { Constant } from "@tflower/core";
import type { QnnDataType } from "./data-type.ts";
import type { QnnEncoding } from "./encoding.ts";

/** A tensor of a {@link QnnGraph}. `static` ones hold data, `native` ones lie between two nodes. */
export interface QnnTensor {
  readonly id: number;
  readonly name: string;
  readonly kind: "in" | "out" | "native" | "static";
  readonly dataType: QnnDataType;
  /** Never empty: a scalar has one axis of one element. */
  readonly dims: readonly number[];
  readonly encoding?: QnnEncoding;
  /** Elements of a static tensor: loaded when they are written. */
  readonly data?: Constant;
}

/** A number or truth value among a node's parameters. */
export interface QnnScalar {
  readonly dataType: "uint32" | "int32" | "float32" | "bool8";
  readonly value: number;
}

/** A small tensor among a node's parameters, as strides and axes are. */
export interface QnnTensorParameter {
  readonly dataType: "uint32" | "int32";
  readonly dims: readonly number[];
  readonly values: readonly number[];
}

/** One op of QNN, with tensors by their ids. */
export interface QnnNode {
  readonly name: string;
  readonly package: string;
  readonly type: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly scalars: Readonly<Record<string, QnnScalar>>;
  readonly tensors: Readonly<Record<string, QnnTensorParameter>>;
}

/** What QNN compiles, as plain data: nodes in an order in which they can run. */
export interface QnnGraph {
  readonly name: string;
  readonly tensors: readonly QnnTensor[];
  /** Ids, in the order in which a caller binds them. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly nodes: readonly QnnNode[];
}

/** The package that holds QNN's own ops. */
export const qnnPackage = "qti.aisw";
