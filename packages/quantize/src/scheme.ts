/** Names of the schemes, as recipes and the command line spell them. */
export const schemeNames = [
  "dynamic-int8",
  "weight-only-int8",
  "int8",
  "int16x8",
  "int4",
  "int4-block32",
  "int4-block64",
  "int4-block128",
  "int4-block256",
  "fp16",
] as const;
/** Name of a scheme. */
export type SchemeName = (typeof schemeNames)[number];

/** How the weights of an op are stored. */
export interface WeightScheme {
  readonly dtype: "i8" | "i4" | "f16";
  /** What shares a scale: a channel of results, or this many neighbours along the reduced axis. Absent for floats. */
  readonly granularity?: "channel" | { readonly block: 32 | 64 | 128 | 256 };
}

/** How an op's values are computed. */
export type ActivationScheme =
  /** As floats: weights are turned back into floats when the model is loaded or run. */
  | "float"
  /** By integers, with ranges found while the model runs. */
  | "dynamic"
  /** By integers, with ranges that calibration has found. */
  | "i8"
  | "i16";

/** What becomes of an op that a recipe quantizes. */
export interface Scheme {
  readonly name: SchemeName;
  readonly weights: WeightScheme;
  readonly activations: ActivationScheme;
}

const perChannel = { dtype: "i8", granularity: "channel" } as const;
const block = (n: 32 | 64 | 128 | 256): WeightScheme => ({ dtype: "i4", granularity: { block: n } });

/** The schemes by name. */
export const schemes: Readonly<Record<SchemeName, Scheme>> = {
  "dynamic-int8": { name: "dynamic-int8", weights: perChannel, activations: "dynamic" },
  "weight-only-int8": { name: "weight-only-int8", weights: perChannel, activations: "float" },
  int8: { name: "int8", weights: perChannel, activations: "i8" },
  int16x8: { name: "int16x8", weights: perChannel, activations: "i16" },
  int4: { name: "int4", weights: { dtype: "i4", granularity: "channel" }, activations: "dynamic" },
  "int4-block32": { name: "int4-block32", weights: block(32), activations: "dynamic" },
  "int4-block64": { name: "int4-block64", weights: block(64), activations: "dynamic" },
  "int4-block128": { name: "int4-block128", weights: block(128), activations: "dynamic" },
  "int4-block256": { name: "int4-block256", weights: block(256), activations: "dynamic" },
  fp16: { name: "fp16", weights: { dtype: "f16" }, activations: "float" },
};

/** Whether ranges of activations must be known before the file is written. */
export const needsCalibration = (scheme: Scheme): boolean =>
  scheme.activations === "i8" || scheme.activations === "i16";
