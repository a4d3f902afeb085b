import { isComplex, isFloat, loadConstant, type Module, type Node, type TensorData, type Value } from "@tflower/core";

/** Watches an evaluation for elements that kernels which approximate do not reckon with: NaN, infinities, denormals, the very large. */
export interface Watch {
  /** For `runGraph`. */
  readonly observe: (node: Node, results: readonly TensorData[]) => void;
  /** Whether one reached or left a node that is for ordinary elements only. To be asked after the evaluation of `@main` on `inputs`. */
  reachedKernel(module: Module, inputs: readonly TensorData[]): Promise<boolean>;
}

/** A watch for one evaluation. */
export function watchExtraordinary(): Watch {
  const spoilt = new Set<Value>();
  return {
    observe(node, results) {
      node.results.forEach((v, i) => {
        if (holdsExtraordinary(results[i]!)) spoilt.add(v);
      });
    },
    async reachedKernel(module, inputs) {
      const main = module.find("main")!;
      main.inputs.forEach((v, i) => {
        if (holdsExtraordinary(inputs[i]!)) spoilt.add(v);
      });
      for (const graph of module.graphs)
        for (const node of graph.nodes) {
          if (!node.op.traits.ordinaryOnly) continue;
          // what flows in the body of a loop was not watched
          if (graph !== main && spoilt.size) return true;
          for (const v of [...node.inputs, ...node.results])
            if (spoilt.has(v) || (v.constant && holdsExtraordinary(await loadConstant(v.constant)))) return true;
        }
      return false;
    },
  };
}

const isOrdinary = (x: number): boolean => x === 0 || (Math.abs(x) >= 2 ** -126 && Math.abs(x) <= 2 ** 126);
const holdsExtraordinary = ({ type, data }: TensorData): boolean =>
  (isFloat(type.dtype) || isComplex(type.dtype)) && !(data as Float32Array).every(isOrdinary);
