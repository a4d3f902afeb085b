import {
  type AnyOperands,
  dataConstant,
  Module,
  mapOperands,
  type OpDef,
  Rewriter,
  type TensorData,
  type TensorType,
  type Value,
} from "@tflower/core";

/** One application of an op to tensors. */
export interface Application {
  readonly op: OpDef;
  readonly operands: AnyOperands<Argument>;
  readonly attrs: Readonly<Record<string, unknown>>;
  /** Result types, for ops that do not infer them. */
  readonly types?: readonly TensorType[];
  /** How many results the program reads; all of them when absent. */
  readonly outputs?: number;
}

/** A tensor given to an op. */
export interface Argument {
  readonly data: TensorData;
  /** Whether the program holds it as a constant instead of taking it as an input. */
  readonly constant: boolean;
}

/** A program of one node, and what to run it on. */
export interface Program {
  readonly module: Module;
  readonly inputs: readonly TensorData[];
}

/** The application as a program. A fresh one on each call, since passes edit programs. Throws where the op does not take the operands. */
export function programOf(a: Application): Program {
  const module = new Module();
  const graph = module.graph("main");
  module.signatures.push({ key: "serving_default", graph: "main" });
  const inputs: TensorData[] = [];
  const operands = mapOperands(a.operands, ({ data, constant }): Value => {
    if (constant) return graph.constant(dataConstant(data));
    inputs.push(data);
    return graph.input(data.type);
  });
  const node = new Rewriter(graph).create(a.op, operands as never, a.attrs, a.types ? { types: a.types } : {});
  graph.outputs = node.results.slice(0, a.outputs);
  return { module, inputs };
}
