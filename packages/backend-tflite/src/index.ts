export * as tfl from "./dialect/index.ts";
export * from "./dialect/define-tfl.ts";
export * from "./file/byte-sink.ts";
export * from "./file/read-tflite.ts";
export * from "./file/tflite-file.ts";
export * from "./file/write-tflite.ts";
export * from "./plugin.ts";
export * from "./schema/tflite-error.ts";
export * from "./write/to-tflite-file.ts";
