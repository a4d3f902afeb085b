import { tfl } from "@tflower/backend-tflite";
import { defineMapping, type QnnMapping } from "./define-mapping.ts";
import { elementwiseOver } from "./joined-axes.ts";

const selecting = (op: typeof tfl.select | typeof tfl.selectV2): QnnMapping<any> =>
  defineMapping(
    op as typeof tfl.selectV2,
    ["ElementWiseSelect"],
    (node, b) => {
      const { condition, x, y } = node.operands;
      elementwiseOver(b, [condition, x, y], node.result, (inputs, to) => b.node("ElementWiseSelect", inputs, [to]));
    },
    { deep: true },
  );

/** Choices by element. */
export const selectMappings: readonly QnnMapping<any>[] = [selecting(tfl.select), selecting(tfl.selectV2)];
