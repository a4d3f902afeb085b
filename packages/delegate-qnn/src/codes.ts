/** Every code of the QNN delegate, with the cause in one line. */
export const qnnCodes = {
  QNN0001: "QNN's libraries are not there",
  QNN0002: "the package that calls C libraries is not there",
  QNN0003: "QNN's library cannot be used",
  QNN0004: "a system on chip is unknown",
  QNN0005: "QNN's validator rejects what the table accepts",
  QNN0006: "QNN cannot compile a graph",
  QNN0007: "QNN's process has ended by itself",
  QNN0008: "nothing of a program can run on the NPU",
  QNN0009: "a graph cannot be put in QNN's terms",
} as const;

/** A diagnostic code of {@link qnnCodes}. */
export type QnnCode = keyof typeof qnnCodes;
