import type { ByteSource } from "@tflower/core";
import { importError, quote, type Where, within } from "../import-error.ts";
import { readRange } from "./read-range.ts";
import { findEnd, readEnd } from "./zip-end-record.ts";
import { crafted, recopy, uint64, viewOf } from "./zip-fields.ts";

/** One file of an archive, as the archive's directory tells it. */
export interface ZipEntry {
  readonly name: string;
  readonly deflated: boolean;
  /** Bytes after decompression. */
  readonly size: number;
  readonly compressedSize: number;
  /** Undefined where the writer left it out: torch writes 0 then. */
  readonly crc32: number | undefined;
  /** Where the entry's local header begins. */
  readonly headerOffset: number;
  /** Where the next entry or the directory begins: nothing of this entry may lie beyond. */
  readonly limit: number;
  /** The name's bytes, which the local header must repeat. */
  readonly nameBytes: Uint8Array;
}

type ListedEntry = Omit<ZipEntry, "limit">;

/** The directory of a zip archive. */
export interface ZipDirectory {
  readonly entries: ReadonlyMap<string, ZipEntry>;
  /** The last bytes of the file, kept because small entries tend to lie there. */
  readonly tail: Uint8Array;
}

const tailBytes = 256 * 1024;
/** A directory of this size has more than a million entries. */
const maxDirectoryBytes = 128 * 1024 * 1024;

const methodNames: Readonly<Record<number, string>> = {
  9: "deflate64",
  12: "bzip2",
  14: "lzma",
  93: "zstd",
  95: "xz",
  99: "AES",
};

/** Reads and checks the directory of the archive in `source`: one or two reads, none of an entry. */
export async function readZipDirectory(source: ByteSource, where: Where): Promise<ZipDirectory> {
  const size = source.size;
  const tail = await readRange(source, Math.max(0, size - tailBytes), Math.min(size, tailBytes), where);
  const end = await findEnd(source, tail, where);
  const { offset, length, count, stop } = readEnd(tail, size - tail.length, end, where);
  if (length > maxDirectoryBytes)
    throw importError(
      "IMP0007",
      where,
      `the archive's directory has ${length} bytes; at most ${maxDirectoryBytes} are read`,
      crafted,
    );
  if (offset + length !== stop)
    throw importError(
      "IMP0002",
      where,
      `the archive's directory should end where its end record begins, at byte ${stop}, but is said to lie from ${offset} to ${offset + length}`,
      recopy,
    );
  const tailStart = size - tail.length;
  const bytes =
    offset >= tailStart
      ? tail.subarray(offset - tailStart, stop - tailStart)
      : await readRange(source, offset, length, where);
  return { entries: readEntries(bytes, count, offset, where), tail };
}

function readEntries(bytes: Uint8Array, count: number, directoryOffset: number, where: Where): Map<string, ZipEntry> {
  const view = viewOf(bytes);
  const damaged = (i: number) =>
    importError("IMP0002", where, `the archive's directory is damaged at entry ${i + 1} of ${count}`, recopy);
  const found: ListedEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== 0x02014b50) throw damaged(i);
    const nameEnd = at + 46 + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    const next = extraEnd + view.getUint16(at + 32, true);
    if (next > bytes.length) throw damaged(i);
    const nameBytes = bytes.subarray(at + 46, nameEnd);
    const name = entryName(nameBytes);
    const place = within(where, name);
    const wide = {
      size: view.getUint32(at + 24, true),
      compressedSize: view.getUint32(at + 20, true),
      headerOffset: view.getUint32(at + 42, true),
    };
    widen(wide, view, nameEnd, extraEnd, place);
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    if (flags & 0x2041)
      throw importError("IMP0004", place, "the entry is encrypted", "give a .pt2 file as torch.export.save wrote it");
    if (method !== 0 && method !== 8)
      throw importError(
        "IMP0004",
        place,
        `the entry is compressed with method ${method}${methodNames[method] ? ` (${methodNames[method]})` : ""}; only stored and deflated entries are read`,
        "zip the file again without compression (`zip -0`)",
      );
    const { size, compressedSize, headerOffset } = wide;
    const deflated = method === 8;
    // deflate makes at most 1032 bytes of one
    if (deflated ? size > compressedSize * 1032 + 1032 : size !== compressedSize)
      throw importError(
        "IMP0003",
        place,
        `the entry is said to make ${size} bytes of ${compressedSize}, which cannot be`,
        crafted,
      );
    const crc = view.getUint32(at + 16, true);
    found.push({ name, deflated, size, compressedSize, crc32: crc === 0 ? undefined : crc, headerOffset, nameBytes });
    at = next;
  }
  if (at !== bytes.length)
    throw importError(
      "IMP0002",
      where,
      `the archive's directory should have ${count} entries in ${bytes.length} bytes, but they end after ${at}`,
      recopy,
    );
  return placeEntries(found, directoryOffset, where);
}

/** Takes over from the ZIP64 field what did not fit into 32 bits. */
function widen(
  wide: { size: number; compressedSize: number; headerOffset: number },
  view: DataView,
  from: number,
  to: number,
  where: Where,
): void {
  const missing = (["size", "compressedSize", "headerOffset"] as const).filter((k) => wide[k] === 0xffffffff);
  if (missing.length === 0) return;
  for (let at = from; at + 4 <= to; ) {
    const length = view.getUint16(at + 2, true);
    const end = at + 4 + length;
    if (end > to) break;
    if (view.getUint16(at, true) === 1) {
      if (length < 8 * missing.length) break;
      missing.forEach((k, i) => {
        wide[k] = uint64(view, at + 4 + 8 * i, where);
      });
      return;
    }
    at = end;
  }
  throw importError("IMP0002", where, "the entry is larger than 4 GB, but its ZIP64 field is missing", recopy);
}

/** Checks names and that no two entries share bytes; gives each the place where the next one begins. */
function placeEntries(found: readonly ListedEntry[], directoryOffset: number, where: Where): Map<string, ZipEntry> {
  const inOrder = [...found].sort((a, b) => a.headerOffset - b.headerOffset);
  const limits = new Map<ListedEntry, number>();
  for (const [i, entry] of inOrder.entries()) {
    const next = inOrder[i + 1];
    const least = entry.headerOffset + 30 + entry.nameBytes.length + entry.compressedSize;
    if (least > directoryOffset)
      throw importError(
        "IMP0002",
        within(where, entry.name),
        `the entry should end at byte ${least} or later, but the directory begins at ${directoryOffset}`,
        recopy,
      );
    if (next && least > next.headerOffset)
      throw importError(
        "IMP0003",
        within(where, entry.name),
        `the entry shares bytes with ${quote(next.name)}`,
        crafted,
      );
    limits.set(entry, next?.headerOffset ?? directoryOffset);
  }
  const byName = new Map<string, ZipEntry>();
  for (const entry of found) {
    checkName(entry.name, where);
    if (byName.has(entry.name))
      throw importError("IMP0003", within(where, entry.name), "the archive has two entries of this name", crafted);
    if (!entry.name.endsWith("/")) byName.set(entry.name, { ...entry, limit: limits.get(entry)! });
  }
  return byName;
}

function checkName(name: string, where: Where): void {
  const parts = name.replace(/\/$/, "").split("/");
  if (!/^[a-zA-Z]:|\p{Cc}/u.test(name) && parts.every((p) => p !== "" && p !== "." && p !== "..")) return;
  throw importError(
    "IMP0003",
    where,
    `the archive has an entry called ${quote(name)}, a path that leads out of it or nowhere`,
    crafted,
  );
}

const utf8 = new TextDecoder();

/** Names are UTF-8 whether the entry says so or not; writers on Windows may use backslashes. */
const entryName = (bytes: Uint8Array): string => utf8.decode(bytes).replaceAll("\\", "/");
