import type { Compiler, Node } from "@tflower/core";
import type { Scheme } from "../scheme.ts";
import { weightsOf } from "../weights/plan-weights.ts";
import { activationsOf, masks } from "./choose-integer-nodes.ts";
import { draftUse } from "./draft-use.ts";

/**
 * Why an op by itself stays float under a scheme, in words that follow "because"; `undefined` where it can be quantized, and only its
 * neighbours may keep it from that.
 */
export function whyFloat(node: Node, scheme: Scheme, compiler: Compiler): string | undefined {
  const { traits } = node.op;
  const { activations } = scheme;
  if (traits.quantizer) return "it leads from floats to integers, or back";
  if (traits.effects || traits.calls) return "it holds state or runs other graphs";
  if (node.results.some((r) => r.type.dtype !== "f32")) return "its results are no float32 numbers";
  if (activations === "float" || activations === "dynamic")
    return weightsOf(node) ? undefined : `${scheme.name} stores weights, and it has none that are worth it`;
  if (activationsOf(node).length === 0) return "it reads no float32 values";
  if (traits.wideRange) return "its results span too many magnitudes for so few bits";
  if (masks(node)) return "a constant that it reads masks numbers, and in no range is there room for that";
  if (activations === "i8" && traits.int8Kernel === "lut")
    return "between integers the runtime makes a look-up table of it, which no integer kernel beats";
  if (activations === "i8" && traits.int8Kernel !== "native")
    return traits.int8Kernel === "slow" ? "its integer kernel is slower than floats" : "it has no integer kernel";
  const [plain, biased] = [false, true].map((withBias) =>
    compiler.hooks.kernel.call(draftUse(node, activations, withBias)),
  );
  if (plain?.supported || biased?.supported) return undefined;
  return plain?.reason ?? "the target has no kernel for it on integers";
}
