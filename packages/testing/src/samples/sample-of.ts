import type { OpDef } from "@tflower/core";
import type { Sample } from "../application/sample.ts";
import { convolutionSamples } from "./convolution.ts";

const families: readonly (readonly Sample[])[] = [convolutionSamples];
const samples: ReadonlyMap<OpDef, Sample> = new Map(families.flat().map((s) => [s.op, s]));

/** What the kit knows of a built-in op beside its declaration. */
export const sampleOf = (op: OpDef): Sample | undefined => samples.get(op);
