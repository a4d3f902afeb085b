import { type FileHandle, open, stat } from "node:fs/promises";
import * as zlib from "node:zlib";
import type { ByteSource } from "@tflower/core";

/** A file that nobody has read for this long is closed; the next read opens it again. */
const idleMs = 250;

/**
 * A file on disk, read by range. Holds the file open only while it is being read, so a model that is kept around, or forgotten,
 * keeps no descriptor. Refuses to go on when the file has changed since it was first looked at. Node only.
 */
export async function fileSource(path: string): Promise<ByteSource> {
  const first = await stat(path);
  if (first.isDirectory()) throw Object.assign(new Error(`${path} is a folder`), { code: "EISDIR", path });
  let handle: Promise<FileHandle> | undefined;
  let readers = 0;
  let idle: NodeJS.Timeout | undefined;

  const reopen = async (): Promise<FileHandle> => {
    const opened = await open(path, "r");
    const now = await opened.stat();
    if (now.size === first.size && now.mtimeMs === first.mtimeMs) return opened;
    await opened.close();
    throw new RangeError(`${path} has changed since it was opened; convert it again`);
  };
  const close = async (): Promise<void> => {
    clearTimeout(idle);
    const open = handle;
    handle = undefined;
    await open?.then((h) => h.close());
  };
  // Node has it from 20.15 and 22.2 on
  const crc = (zlib as { crc32?: (data: Uint8Array, value: number) => number }).crc32;
  return {
    name: path,
    size: first.size,
    async read(offset, length, scratch) {
      clearTimeout(idle);
      readers++;
      try {
        handle ??= reopen().catch((e: unknown) => {
          handle = undefined;
          throw e;
        });
        const file = await handle;
        // uninitialised memory: every byte of it is read into, or the read fails
        const bytes =
          scratch && scratch.byteLength >= length
            ? scratch.subarray(0, length)
            : new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
        for (let at = 0; at < length; ) {
          const { bytesRead } = await file.read(bytes, at, length - at, offset + at);
          if (bytesRead === 0)
            throw new RangeError(`${path} ends at byte ${offset + at}, and ${offset + length} were expected`);
          at += bytesRead;
        }
        return bytes;
      } finally {
        if (--readers === 0) idle = setTimeout(() => void close(), idleMs).unref();
      }
    },
    ...(crc && { crc32: (bytes: Uint8Array, seed: number) => crc(bytes, seed) }),
    close,
  };
}
