import type { OpDef } from "@tflower/core";
import type { Sample } from "../application/sample.ts";
import { attentionSamples } from "./attention.ts";
import { castingSamples } from "./casting.ts";
import { convolutionSamples } from "./convolution.ts";
import { indexingSamples } from "./indexing.ts";
import { matmulSamples } from "./matmul.ts";
import { normalizationSamples } from "./normalization.ts";
import { paddingSamples } from "./padding.ts";
import { poolingSamples } from "./pooling.ts";
import { recurrentSamples } from "./recurrent.ts";
import { slicingSamples } from "./slicing.ts";
import { upsamplingSamples } from "./upsampling.ts";
import { viewSamples } from "./views.ts";

const families: readonly (readonly Sample[])[] = [
  attentionSamples,
  castingSamples,
  convolutionSamples,
  indexingSamples,
  matmulSamples,
  normalizationSamples,
  paddingSamples,
  poolingSamples,
  recurrentSamples,
  slicingSamples,
  upsamplingSamples,
  viewSamples,
];
const samples: ReadonlyMap<OpDef, Sample> = new Map(families.flat().map((s) => [s.op, s]));

/** What the kit knows of a built-in op beside its declaration. */
export const sampleOf = (op: OpDef): Sample | undefined => samples.get(op);
