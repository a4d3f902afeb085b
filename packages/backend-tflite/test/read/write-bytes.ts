import type { Module } from "@tflower/core";
import { MemorySink } from "../../src/file/byte-sink.ts";
import { readTflite } from "../../src/file/read-tflite.ts";
import { writeTflite } from "../../src/file/write-tflite.ts";
import { type FromTfliteOptions, fromTfliteFile } from "../../src/read/from-tflite-file.ts";
import { toTfliteFile } from "../../src/write/to-tflite-file.ts";

/** The file of a module. */
export async function bytesOf(module: Module): Promise<Uint8Array> {
  const sink = new MemorySink();
  await writeTflite(toTfliteFile(module), sink);
  return sink.bytes();
}

/** What a module is after it was written and read. */
export const reread = (bytes: Uint8Array, o?: FromTfliteOptions): Module => fromTfliteFile(readTflite(bytes), o);
