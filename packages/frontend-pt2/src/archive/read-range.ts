import type { ByteSource } from "@tflower/core";
import { importError, type Where } from "../import-error.ts";

/** `source.read`, with a failure of the medium told as a diagnostic. The caller has checked the range. */
export async function readRange(
  source: ByteSource,
  offset: number,
  length: number,
  where: Where,
  scratch?: Uint8Array,
): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await source.read(offset, length, scratch);
  } catch (error) {
    // a source over an archive entry gives diagnostics of its own
    if (error instanceof Error && error.name === "CompileError") throw error;
    throw unreadable(where, error);
  }
  if (bytes.length === length) return bytes;
  throw importError(
    "IMP0020",
    where,
    `${length} bytes from offset ${offset} were asked for, ${bytes.length} came`,
    "the file may have changed while it was read; try again",
  );
}

function unreadable(where: Where, error: unknown) {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  const said = error instanceof Error ? error.message : String(error);
  if (code === "EISDIR")
    return importError(
      "IMP0001",
      where,
      "this is a directory, not a file",
      "give the .pt2 file that torch.export.save wrote",
    );
  return importError(
    "IMP0020",
    where,
    `reading failed: ${said}`,
    "check that the file exists and can be read, then try again",
  );
}
