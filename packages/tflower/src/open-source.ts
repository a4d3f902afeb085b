import { type ByteSource, blobSource, memorySource } from "@tflower/core";

/** Where a program can come from: a path (Node only), a `Blob` or `File`, bytes, or a source of one's own. */
export type Input = string | Blob | Uint8Array | ByteSource;

/** Opens an input for reading by range. */
export async function openSource(input: Input): Promise<ByteSource> {
  if (typeof input === "string") return (await import("./node/file-source.ts")).fileSource(input);
  if (input instanceof Uint8Array) return memorySource("program.pt2", input);
  if (typeof Blob !== "undefined" && input instanceof Blob)
    return blobSource("name" in input ? String(input.name) : "program.pt2", input);
  return input as ByteSource;
}
