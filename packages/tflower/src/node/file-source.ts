import { open } from "node:fs/promises";
import * as zlib from "node:zlib";
import type { ByteSource } from "@tflower/core";

/** A file on disk, read by range. Node-only. */
export async function fileSource(path: string): Promise<ByteSource> {
  const handle = await open(path, "r");
  const stat = await handle.stat();
  if (stat.isDirectory()) {
    await handle.close();
    throw Object.assign(new Error(`${path} is a folder`), { code: "EISDIR", path });
  }
  const { size } = stat;
  // Node has it from 20.15 and 22.2 on
  const crc = (zlib as { crc32?: (data: Uint8Array, value: number) => number }).crc32;
  return {
    name: path,
    size,
    async read(offset, length, scratch) {
      // uninitialised memory: every byte of it is read into, or the read fails
      const bytes = scratch && scratch.byteLength >= length ? scratch.subarray(0, length) : new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
      for (let at = 0; at < length; ) {
        const { bytesRead } = await handle.read(bytes, at, length - at, offset + at);
        if (bytesRead === 0) throw new RangeError(`${path} ends at byte ${offset + at}, and ${offset + length} were expected`);
        at += bytesRead;
      }
      return bytes;
    },
    ...(crc && { crc32: (bytes: Uint8Array, seed: number) => crc(bytes, seed) }),
    close: () => handle.close(),
  };
}
