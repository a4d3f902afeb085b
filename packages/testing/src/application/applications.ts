import { CompileError, countOf, isStaticShape, type OpDef } from "@tflower/core";
import type fc from "fast-check";
import type { Choose } from "../choose/choose.ts";
import { drawn } from "../choose/drawn.ts";
import { sampleOf } from "../samples/sample-of.ts";
import { type Application, programOf } from "./application.ts";
import { deriveDraft } from "./derive-draft.ts";
import { fill, type Sampler } from "./sample.ts";

/** Results larger than this make slow properties and unreadable counterexamples. */
const maxElements = 4000;

/** An application of `op` that the op's own checks accept. */
export function drawApplication(choose: Choose, op: OpDef, sampler?: Sampler): Application {
  const draw = sampler ?? op.traits.sample ?? sampleOf(op)?.draw ?? deriveDraft;
  const draft = draw(choose, op);
  const rest = {
    attrs: draft.attrs ?? {},
    ...(draft.types && { types: draft.types }),
    ...(draft.outputs && { outputs: draft.outputs }),
  };
  // types are checked before elements are drawn: most drafts end here
  check(choose, { op, operands: emptied(draft), ...rest });
  return { op, operands: fill(choose, op, draft), ...rest };
}

/** Applications of `op` that its own checks accept, with operands as inputs or constants. */
export const applications = (op: OpDef, sampler?: Sampler): fc.Arbitrary<Application> =>
  drawn((choose) => drawApplication(choose, op, sampler), `application of "${op.name}"`);

function check(choose: Choose, a: Application): void {
  try {
    const { module } = programOf(a);
    for (const { type } of module.find("main")!.outputs)
      if (isStaticShape(type.shape) && (countOf(type.shape) > maxElements || type.shape.some((d) => d < 0)))
        choose.discard();
  } catch (e) {
    if (e instanceof CompileError) choose.discard();
    throw e;
  }
}

const noElements = new Float32Array(0);
/** The draft with stand-ins for elements, as inputs: enough for its types to be checked. */
const emptied = (draft: ReturnType<Sampler>): Application["operands"] => {
  const one = (type: unknown): unknown => ({ data: { type, data: noElements }, constant: false });
  const out: Record<string, unknown> = {};
  for (const [k, v] of Object.entries(draft.operands))
    out[k] =
      v === undefined
        ? undefined
        : Array.isArray(v)
          ? v.map((s) => s && one(s.type))
          : one((v as { type: unknown }).type);
  return out as Application["operands"];
};
