import { importError, type Where } from "../import-error.ts";

/** What to do about an archive that was damaged. */
export const recopy =
  "copy or export the file again: it is incomplete, or was changed after torch.export.save wrote it";
/** What to do about an archive that contradicts itself. */
export const crafted = "export the program again; torch.export.save does not write such a file";

/** A view of all of `bytes`. */
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A 64-bit number at `at`; refuses those that no file can have. */
export function uint64(view: DataView, at: number, where: Where): number {
  const value = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
  if (Number.isSafeInteger(value)) return value;
  throw importError(
    "IMP0003",
    where,
    `the archive's directory holds the number ${value}, larger than any file`,
    crafted,
  );
}
