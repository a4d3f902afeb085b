import { randomBytes } from "node:crypto";
import { open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ByteSink } from "@tflower/backend-tflite";

/**
 * Lets `write` fill a temporary file beside `path`, and gives it its name when all went well:
 * whoever looks at `path` sees the old file or the whole new one.
 */
export async function writeFileAtomically(path: string, write: (sink: ByteSink) => Promise<void>): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  const handle = await open(temporary, "wx").catch((e: NodeJS.ErrnoException) => {
    // who is told of it has never heard of the temporary file
    if (e.path === temporary) e.path = e.code === "ENOENT" || e.code === "ENOTDIR" ? dirname(path) : path;
    throw e;
  });
  try {
    await write({
      async write(chunk) {
        for (let at = 0; at < chunk.byteLength; ) at += (await handle.write(chunk, at)).bytesWritten;
      },
    });
    await handle.close();
    await rename(temporary, path);
  } catch (e) {
    await handle.close().catch(() => undefined);
    await unlink(temporary).catch(() => undefined);
    throw e;
  }
}
