/** Every code of this package, with the cause in one line. Those of calibration begin at 0101. */
export const quantizeCodes = {
  QNT0001: "the target has no ops that quantize",
  QNT0002: "weights are stored otherwise than a recipe says",
  QNT0003: "calibration statistics lack a value that is to be quantized",
  QNT0004: "a rule of a recipe fits nothing",
  QNT0005: "an op that a recipe names stays as it is",
  QNT0006: "calibration statistics are of another program",
  QNT0007: "an input or output stays float",
  QNT0008: "a value had no range in calibration",
  QNT0009: "a part of an imported recipe has no counterpart",
  QNT0010: "what is quantized is far from the float program",
  QNT0011: "no choice of layers meets a goal",
  QNT0012: "what the search for a goal has chosen",
  QNT0013: "labels do not fit the program",
  QNT0101: "a calibration tensor does not fit the input",
  QNT0102: "a calibration tensor holds a NaN",
  QNT0103: "a calibration sample lacks an input, or has one too many",
  QNT0104: "there are no samples to calibrate with",
  QNT0105: "statistics of different programs cannot be merged",
  QNT0106: "a program with state cannot be calibrated in shards",
  QNT0107: "a file holds no calibration statistics",
  QNT0108: "statistics of one sample are added up twice",
  QNT0202: "activations that a program rounds when it runs stay floats",
  QNT0203: "kernels round more than a quantized program does",
  QNT0204: "weights that are integers in a program become floats",
  QNT0301: "what fitting weights to the samples has brought",
  QNT0302: "how ranges are found",
} as const;

/** A diagnostic code of {@link quantizeCodes}. */
export type QuantizeCode = keyof typeof quantizeCodes;
