import type { RuntimeDType, RuntimeTensor } from "./runtime-tensor.ts";

/** An input or output of a signature. */
export interface Port {
  readonly name: string;
  readonly dtype: RuntimeDType;
  /** -1 where any extent is taken or given. */
  readonly shape: readonly number[];
}

/** One way to call a model. Inputs and outputs are in the order of its graph, which is the program's. */
export interface Signature {
  /** Its name; empty when the file names none. */
  readonly key: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** Inputs by position or by name. */
export type RuntimeInputs = readonly RuntimeTensor[] | Readonly<Record<string, RuntimeTensor>>;
