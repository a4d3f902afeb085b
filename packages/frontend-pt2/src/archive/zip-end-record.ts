import type { ByteSource } from "@tflower/core";
import { importError, type Where } from "../import-error.ts";
import { identifyBytes } from "./identify.ts";
import { readRange } from "./read-range.ts";
import { crafted, recopy, uint64, viewOf } from "./zip-fields.ts";

const endSize = 22;

/** Where the end record begins in `tail`. */
export async function findEnd(source: ByteSource, tail: Uint8Array, where: Where): Promise<number> {
  const view = viewOf(tail);
  let trailing: number | undefined;
  for (let at = tail.length - endSize; at >= Math.max(0, tail.length - endSize - 0xffff); at--) {
    if (tail[at] !== 0x50 || view.getUint32(at, true) !== 0x06054b50) continue;
    const after = tail.length - (at + endSize + view.getUint16(at + 20, true));
    if (after === 0) return at;
    // archives inside of this one have end records too, but their directories do not lie where these say
    const stop = view.getUint32(at + 12, true) + view.getUint32(at + 16, true);
    if (after > 0 && stop === source.size - tail.length + at) trailing ??= after;
  }
  const head = await readRange(source, 0, Math.min(source.size, 512), where);
  const isZip = head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;
  if (isZip && trailing !== undefined)
    throw importError("IMP0002", where, `${trailing} bytes follow the end of the archive`, recopy);
  if (isZip)
    throw importError(
      "IMP0002",
      where,
      `this begins as a zip archive, but its ${source.size} bytes do not end as one: the file is truncated, or something was added to it`,
      recopy,
    );
  const like = identifyBytes(head, source.size);
  throw importError("IMP0001", where, `expected a .pt2 archive, which is a zip file; ${like.what}`, like.help);
}

/** Where the directory lies, and how many entries it has. */
export interface DirectoryRange {
  readonly offset: number;
  readonly length: number;
  readonly count: number;
  /** Where the records after the directory begin. */
  readonly stop: number;
}

/** Decodes the end record at `end` of `tail`, and the ZIP64 one before it if there is one. */
export function readEnd(tail: Uint8Array, tailStart: number, end: number, where: Where): DirectoryRange {
  const view = viewOf(tail);
  const disks = view.getUint16(end + 4, true) | view.getUint16(end + 6, true);
  const short = {
    count: view.getUint16(end + 10, true),
    length: view.getUint32(end + 12, true),
    offset: view.getUint32(end + 16, true),
  };
  const locator = end - 20;
  if (locator < 0 || view.getUint32(locator, true) !== 0x07064b50) {
    if (disks !== 0 || view.getUint16(end + 8, true) !== short.count) throw severalParts(where);
    return { ...short, stop: tailStart + end };
  }
  const recordOffset = uint64(view, locator + 8, where);
  const record = recordOffset - tailStart;
  const broken = (why: string) =>
    importError("IMP0002", where, `the archive's ZIP64 end record is damaged: ${why}`, recopy);
  if (record < 0 || record + 56 > locator) throw broken(`it cannot lie at byte ${recordOffset}`);
  if (view.getUint32(record, true) !== 0x06064b50) throw broken(`there is none at byte ${recordOffset}`);
  if (record + 12 + uint64(view, record + 4, where) !== locator) throw broken("its length is wrong");
  const long = {
    count: uint64(view, record + 32, where),
    length: uint64(view, record + 40, where),
    offset: uint64(view, record + 48, where),
  };
  if (
    view.getUint32(record + 16, true) !== 0 ||
    view.getUint32(record + 20, true) !== 0 ||
    uint64(view, record + 24, where) !== long.count
  )
    throw severalParts(where);
  const agrees = (narrow: number, wide: number, saturated: number) => narrow === saturated || narrow === wide;
  if (
    !agrees(short.count, long.count, 0xffff) ||
    !agrees(short.length, long.length, 0xffffffff) ||
    !agrees(short.offset, long.offset, 0xffffffff)
  )
    throw importError("IMP0003", where, "the archive's two end records name different directories", crafted);
  return { ...long, stop: recordOffset };
}

const severalParts = (where: Where) =>
  importError(
    "IMP0004",
    where,
    "this is one part of a zip archive that is split over several files",
    "join the parts first",
  );
