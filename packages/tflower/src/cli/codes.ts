/** Every code that the command line itself gives, with the cause in one line. */
export const cliCodes = {
  CLI0001: "something unexpected happened",
  CLI0002: "there is no such file or folder",
  CLI0003: "the system does not allow access",
  CLI0004: "a folder stands where a file is expected, or a file where a folder is",
  CLI0005: "the disk is full",
  CLI0006: "too many files are open",
  CLI0007: "the medium failed",
  CLI0008: "a plugin cannot be used",
  CLI0009: "a config file cannot be used",
  CLI0010: "a target is unknown",
  CLI0011: "no plugin says what a target takes",
  CLI0012: "no plugin says what stands for a partition in a file",
  CLI0013: "a file is neither a .tflite nor a .pt2",
} as const;

/** A diagnostic code of {@link cliCodes}. */
export type CliCode = keyof typeof cliCodes;
