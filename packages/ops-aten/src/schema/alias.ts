import type { OpDef } from "@tflower/core";
import { defineAten } from "./aten-schema.ts";

declare module "@tflower/core" {
  interface Traits {
    /** The op that this one is another name of: same arguments, same meaning. */
    readonly aliasOf?: OpDef;
  }
}

/** Declares a second name that PyTorch has for `target`. The schema's arguments must be called as `target`'s are. */
export const defineAlias = <const S extends string>(schema: S, target: OpDef) =>
  defineAten(schema, {
    summary: `Another name of \`${target.name}\`: ${target.summary}`,
    attrs: target.attrs,
    operands: target.operands,
    traits: { ...target.traits, schema, aliasOf: target },
    ...(target.infer && { infer: target.infer }),
    ...(target.verify && { verify: target.verify }),
    ...(target.evaluate && { evaluate: target.evaluate }),
  } as never);
