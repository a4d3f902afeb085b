import { isComplex, isFloat, loadConstant, type Module, type Node, type TensorData, type Value } from "@tflower/core";

/** Watches an evaluation for elements that are neither numbers nor small enough. */
export interface Watch {
  /** For `runGraph`. */
  readonly observe: (node: Node, results: readonly TensorData[]) => void;
  /**
   * Whether the runtime may spread a NaN or an infinity further than the op says: one reaches a node that {@link Traits.sumsProducts}.
   * To be asked after the evaluation of `@main` on `inputs`.
   */
  blursOnRuntime(module: Module, inputs: readonly TensorData[]): Promise<boolean>;
}

/** A watch for one evaluation. */
export function watchNonFinite(): Watch {
  const spoilt = new Set<Value>();
  return {
    observe(node, results) {
      node.results.forEach((v, i) => {
        if (holdsNonFinite(results[i]!)) spoilt.add(v);
      });
    },
    async blursOnRuntime(module, inputs) {
      const main = module.find("main")!;
      main.inputs.forEach((v, i) => {
        if (holdsNonFinite(inputs[i]!)) spoilt.add(v);
      });
      for (const graph of module.graphs)
        for (const node of graph.nodes) {
          if (!node.op.traits.sumsProducts) continue;
          // what flows in the body of a loop was not watched
          if (graph !== main && spoilt.size) return true;
          for (const v of node.inputs)
            if (spoilt.has(v) || (v.constant && holdsNonFinite(await loadConstant(v.constant)))) return true;
        }
      return false;
    },
  };
}

const holdsNonFinite = ({ type, data }: TensorData): boolean =>
  (isFloat(type.dtype) || isComplex(type.dtype)) && (data as Float32Array).some((x) => !Number.isFinite(x));
