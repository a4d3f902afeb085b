import { tfl } from "@tflower/backend-tflite";
import { defineMapping, type QnnMapping } from "./define-mapping.ts";

const selecting = (op: typeof tfl.select | typeof tfl.selectV2): QnnMapping<any> =>
  defineMapping(op as typeof tfl.selectV2, ["ElementWiseSelect"], (node, b) => {
    const { condition, x, y } = node.operands;
    b.node("ElementWiseSelect", [b.of(condition), b.of(x), b.of(y)], [b.of(node.result)]);
  });

/** Choices by element. */
export const selectMappings: readonly QnnMapping<any>[] = [selecting(tfl.select), selecting(tfl.selectV2)];
