import { attr, defineOp, type OpDef, operand } from "@tflower/core";
import * as tfl from "../dialect/index.ts";

const ops: ReadonlyMap<string, OpDef> = new Map(
  Object.values(tfl)
    .filter((x): x is OpDef & typeof x => typeof x === "object" && x !== null && "operands" in x)
    .map((op) => [op.traits.tfl!.builtin, op]),
);
/** The op of the dialect that stands for a builtin. */
export const opOfBuiltin = (builtin: string): OpDef | undefined => ops.get(builtin);

const opaque = new Map<string, OpDef>();
/** A custom op that nobody has declared: its options are kept byte for byte, and its types come from the file. */
export function opaqueCustom(code: string): OpDef {
  let op = opaque.get(code);
  if (!op) {
    op = defineOp(`tfl.custom.${code.replace(/[^\w.-]/g, "_")}`, {
      summary: `The custom op ${code}, of which only its name is known.`,
      operands: { inputs: operand.variadicOptional(operand.tensor) },
      attrs: { options: attr.optional(attr.str).default_(undefined) },
      // what it writes or remembers nobody knows, so it is neither dropped nor merged
      traits: {
        opaque: true,
        effects: true,
        tfl: { builtin: "CUSTOM", customCode: code, rawOptions: "options", file: ["inputs"], parameters: {} },
      },
    }) as OpDef;
    opaque.set(code, op);
  }
  return op;
}
