import type { TensorData } from "@tflower/core";

/**
 * Runs a model and shows what it computes inside. Calibration knows nothing of runtimes: whoever calls it brings one, such as the reference
 * evaluator, LiteRT, or a device.
 */
export interface Executor {
  /** What tells the program from others; see `programOf`. */
  readonly program?: string;
  /**
   * Runs one sample: inputs in the model's order. `observe` sees each value by name, inputs and outputs included, and keeps nothing of it: the
   * memory of a value is the executor's again when `observe` returns.
   */
  run(inputs: readonly TensorData[], observe: (name: string, value: TensorData) => void): Promise<void>;
  /** Lets go of the runtime. */
  dispose?(): Promise<void>;
}
