/** Every code of the TFLite backend's passes and writer, with the cause in one line; `readCodes` has the reader's. */
export const tfliteCodes = {
  TFL0001: "a file cannot be written or read as it is described",
  TFL0002: "the runtime has no kernel for an op in this form",
  TFL0003: "a tensor has more elements than the runtime can count",
  TFL0010: "a size cannot be computed when the program runs",
  TFL0020: "what a program writes into an input is dropped",
  TFL0021: "an int64 output may not fit 32 bits",
  TFL0022: "an int64 constant does not fit 32 bits",
  TFL0023: "a transpose is left in the file",
} as const;

/** A diagnostic code of {@link tfliteCodes}. */
export type TfliteCode = keyof typeof tfliteCodes;
