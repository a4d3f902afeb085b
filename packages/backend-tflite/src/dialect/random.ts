import { attr, operand, tensor } from "@tflower/core";
import { defineTfl, runtimeI32 } from "./define-tfl.ts";

const seeds = { seed: attr.int.default_(0), seed2: attr.int.default_(0) } as const;

export const randomUniform = defineTfl("RANDOM_UNIFORM", {
  summary: "Random numbers from 0 to below 1.",
  options: "RandomOptions",
  operands: { shape: runtimeI32 },
  attrs: { shape: attr.dims, ...seeds },
  parameters: { shape: "list" },
  traits: { random: true },
  infer: (_, { shape }) => tensor("f32", shape),
});

export const randomStandardNormal = defineTfl("RANDOM_STANDARD_NORMAL", {
  summary: "Random numbers of mean 0 and variance 1.",
  options: "RandomOptions",
  operands: { shape: runtimeI32 },
  attrs: { shape: attr.dims, ...seeds },
  parameters: { shape: "list" },
  traits: { random: true },
  infer: (_, { shape }) => tensor("f32", shape),
});

export const multinomial = defineTfl("MULTINOMIAL", {
  summary:
    "Random classes, drawn with the odds that each row of logits gives. Types are given: classes are i32 or i64.",
  options: "RandomOptions",
  operands: { logits: operand.both(operand.dtype("f32"), operand.rank(2)), num_samples: runtimeI32 },
  attrs: { num_samples: attr.dim, ...seeds },
  parameters: { num_samples: "scalar" },
  traits: { random: true },
});

export const stablehloRngBitGenerator = defineTfl("STABLEHLO_RNG_BIT_GENERATOR", {
  summary: "The next state of a counter-based generator, and random bits. Types are given.",
  options: "StablehloRngBitGeneratorOptions",
  operands: { initial_state: operand.dtype("u64") },
  attrs: { algorithm: attr.oneOf("DEFAULT", "PHILOX", "THREEFRY").default_("DEFAULT") },
});
