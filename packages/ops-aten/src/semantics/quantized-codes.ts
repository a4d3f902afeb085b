import {
  allocate,
  attr,
  type Carrier,
  compileError,
  defineOp,
  dtypeInfo,
  numbersOf,
  operand,
  wrap,
} from "@tflower/core";
import type { AtenCode } from "../codes.ts";

/**
 * The integers of a program as those of a quantized type: others stand for zero there, or fewer bits hold them. Constants are computed with
 * it; no node is of it.
 */
export const codes = defineOp("quantized.codes", {
  summary: "Integers less a number, as integers of the result's type, which is given.",
  operands: { x: operand.integer },
  attrs: { shift: attr.int.about("what is subtracted") },
  traits: { elementwise: true },
  evaluate({ x }, { shift }, [type]) {
    const { dtype } = type!;
    const half = 2 ** (dtypeInfo(dtype).bits - 1);
    const from = numbersOf(x);
    const out = allocate(dtype, from.length) as Exclude<Carrier, BigInt64Array | BigUint64Array>;
    for (let i = 0; i < from.length; i++) {
      const code = from[i]! - shift;
      if (code < -half || code >= half)
        throw compileError(
          "QNT0201" satisfies AtenCode as never,
          `the program holds the integer ${from[i]} where it promises ${-half + shift} to ${half - 1 + shift}`,
          { help: "export it with the range that the integers really have (quant_min, quant_max)" },
        );
      out[i] = code;
    }
    return wrap(type!, out);
  },
});
