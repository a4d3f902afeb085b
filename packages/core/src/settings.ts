/**
 * What a compilation is asked for, beside its pipeline. Packages add settings by declaration merging:
 * `declare module "@tflower/core" { interface Settings { readonly mine?: boolean } }`.
 */
export interface Settings {
  /** What the file is to run on: `cpu`, `gpu`, or a delegate's own name, as `qnn:SM8650`. Changes choices, never correctness. */
  readonly target: string;
  /** Refuses what is otherwise done with a warning that something of the program is lost, such as dropping an assert. */
  readonly strict?: boolean;
  /** The program will be quantized: rewrites that pay for floats only, or that make weights of other weights, are left out. */
  readonly quantize?: boolean;
}

/** What a compilation does when it is asked for nothing special. */
export const defaultSettings: Settings = Object.freeze({ target: "cpu" });
