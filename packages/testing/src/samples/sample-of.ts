import type { OpDef } from "@tflower/core";
import type { Sample } from "../application/sample.ts";
import { attentionSamples } from "./attention.ts";
import { blockSamples } from "./blocks.ts";
import { castingSamples } from "./casting.ts";
import { convolutionSamples } from "./convolution.ts";
import { countingSamples } from "./counting.ts";
import { indexingSamples } from "./indexing.ts";
import { lossSamples } from "./losses.ts";
import { matmulSamples } from "./matmul.ts";
import { normalizationSamples } from "./normalization.ts";
import { paddingSamples } from "./padding.ts";
import { poolingSamples } from "./pooling.ts";
import { quantizingSamples } from "./quantizing.ts";
import { recurrentSamples } from "./recurrent.ts";
import { searchingSamples } from "./searching.ts";
import { slicingSamples } from "./slicing.ts";
import { solvingSamples } from "./solving.ts";
import { specialSamples } from "./special.ts";
import { statisticsSamples } from "./statistics.ts";
import { upsamplingSamples } from "./upsampling.ts";
import { viewSamples } from "./views.ts";
import { visionSamples } from "./vision.ts";

const families: readonly (readonly Sample[])[] = [
  attentionSamples,
  blockSamples,
  castingSamples,
  convolutionSamples,
  countingSamples,
  indexingSamples,
  lossSamples,
  matmulSamples,
  normalizationSamples,
  paddingSamples,
  poolingSamples,
  quantizingSamples,
  recurrentSamples,
  searchingSamples,
  slicingSamples,
  solvingSamples,
  specialSamples,
  statisticsSamples,
  upsamplingSamples,
  viewSamples,
  visionSamples,
];
const samples: ReadonlyMap<OpDef, Sample> = new Map(families.flat().map((s) => [s.op, s]));

/** What the kit knows of a built-in op beside its declaration; of another name for an op, what it knows of that one. */
export const sampleOf = (op: OpDef): Sample | undefined => samples.get(op) ?? samples.get(op.traits.aliasOf!);
