/** Every code of this package, with the cause in one line. */
export const codes = {
  RUN0001: "LiteRT's WebAssembly files cannot be loaded",
  RUN0002: "the bytes are no .tflite file",
  RUN0003: "LiteRT refuses the file",
  RUN0004: "the model does not fit into WebAssembly's memory",
  RUN0005: "the inputs do not match the signature",
  RUN0006: "LiteRT failed while running",
  RUN0007: "an input or output has an element type that LiteRT's WebAssembly build cannot pass",
  RUN0008: "the size of an output depends on values",
  RUN0009: "there is no such signature",
  RUN0010: "the model was disposed",
  RUN0011: "another shape would lose the model's state",
  RUN0012: "the WebAssembly instance crashed earlier",
} as const;

/** A diagnostic code of the runtime. */
export type RuntimeCode = keyof typeof codes;
