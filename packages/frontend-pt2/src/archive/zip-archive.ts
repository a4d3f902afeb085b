import type { ByteSource } from "@tflower/core";
import { importError, type Where, within } from "../import-error.ts";
import { crc32 as portableCrc32 } from "./crc32.ts";
import { inflate } from "./inflate.ts";
import { readRange } from "./read-range.ts";
import { readZipDirectory, type ZipDirectory, type ZipEntry } from "./zip-directory.ts";

/** The most bytes that an entry with text or a pickle may have; V8 cannot hold longer strings. */
const maxWholeEntry = 512 * 1024 * 1024 - 64;
/** A compressed entry of more bytes cannot be read in pieces within bounded memory. */
const maxDeflatedSource = 64 * 1024 * 1024;
/** Reads up to this size are served from what was read ahead: a model has hundreds of small tensors side by side. */
const smallRead = 64 * 1024;
const readAhead = 128 * 1024;
const recopy = "copy or export the file again";

/** A zip archive, of which only the directory has been read. */
export interface ZipArchive {
  readonly where: Where;
  readonly source: ByteSource;
  readonly entries: ReadonlyMap<string, ZipEntry>;
  /** The whole entry, decompressed and checked. */
  readBytes(entry: ZipEntry): Promise<Uint8Array>;
  /**
   * The entry as a source of its own. Reading all of it, at once or piece after piece from the start, checks it.
   * Its name and key are the archive's and the entry's, so that no two sources have the same.
   */
  openSource(entry: ZipEntry): ByteSource;
}

/** Opens the archive in `source`. `part` says where within the file the archive lies, when it is not the file itself. */
export async function openZip(source: ByteSource, where: Where): Promise<ZipArchive> {
  const directory = await readZipDirectory(source, where);
  return new OpenZip(source, where, directory);
}

class OpenZip implements ZipArchive {
  readonly source: ByteSource;
  readonly where: Where;
  readonly entries: ReadonlyMap<string, ZipEntry>;
  readonly #tail: Uint8Array;
  readonly #tailStart: number;
  readonly #dataStart = new Map<ZipEntry, number>();
  /** The last stretch that was read for something small. */
  #ahead: { readonly start: number; readonly end: number; readonly bytes: Promise<Uint8Array> } | undefined;
  /** The compressed entry that was read last, as its readers tend to come back for the next piece. */
  #inflated: { entry: ZipEntry; bytes: Promise<Uint8Array> } | undefined;

  constructor(source: ByteSource, where: Where, directory: ZipDirectory) {
    this.source = source;
    this.where = where;
    this.entries = directory.entries;
    this.#tail = directory.tail;
    this.#tailStart = source.size - directory.tail.length;
  }

  async readBytes(entry: ZipEntry): Promise<Uint8Array> {
    const where = within(this.where, entry.name);
    if (entry.size > maxWholeEntry)
      throw importError(
        "IMP0007",
        where,
        `the entry has ${entry.size} bytes; at most ${maxWholeEntry} are read at once`,
        "export a smaller program",
      );
    const stored = await this.#read(entry, 0, entry.compressedSize);
    const bytes = entry.deflated ? await inflate(stored, entry.size) : stored;
    if (bytes === undefined)
      throw importError(
        "IMP0002",
        where,
        `the entry's compressed data is damaged, or does not make the ${entry.size} bytes it should`,
        recopy,
      );
    checkCrc(entry, this.crc32(bytes, 0), where);
    return bytes;
  }

  openSource(entry: ZipEntry): ByteSource {
    const name = `${this.source.name}:${entry.name}`;
    const where = within(this.where, entry.name);
    const inRange = (offset: number, length: number): void => {
      if (!(offset >= 0 && length >= 0 && offset + length <= entry.size))
        throw new RangeError(`${name}: bytes ${offset} to ${offset + length} of ${entry.size}`);
    };
    const key = `${this.source.key ?? this.source.name}:${entry.name}`;
    const rest = { name, key, size: entry.size, crc32: this.crc32 };
    if (entry.deflated) {
      if (entry.size > maxDeflatedSource)
        throw importError(
          "IMP0019",
          where,
          `the entry holds ${entry.size} bytes of tensors in compressed form; they must be stored to be read in pieces`,
          "export the program again, or zip it again without compression (`zip -0`)",
        );
      const read = async (offset: number, length: number): Promise<Uint8Array> => {
        inRange(offset, length);
        return (await this.#inflate(entry)).subarray(offset, offset + length);
      };
      return { ...rest, read };
    }
    let upTo = 0;
    let running = 0;
    const read = async (offset: number, length: number, scratch?: Uint8Array): Promise<Uint8Array> => {
      inRange(offset, length);
      const bytes = await this.#read(entry, offset, length, scratch);
      if (entry.crc32 === undefined || length === 0) return bytes;
      if (offset === 0) {
        running = this.crc32(bytes, 0);
        upTo = length;
      } else if (offset === upTo) {
        running = this.crc32(bytes, running);
        upTo += length;
      } else return bytes;
      if (upTo === entry.size) checkCrc(entry, running, where);
      return bytes;
    };
    return { ...rest, read };
  }

  readonly crc32 = (bytes: Uint8Array, seed: number): number =>
    this.source.crc32 ? this.source.crc32(bytes, seed) >>> 0 : portableCrc32(bytes, seed);

  #inflate(entry: ZipEntry): Promise<Uint8Array> {
    if (this.#inflated?.entry !== entry) this.#inflated = { entry, bytes: this.readBytes(entry) };
    return this.#inflated.bytes;
  }

  /** Bytes of the entry as they are stored. */
  async #read(entry: ZipEntry, offset: number, length: number, scratch?: Uint8Array): Promise<Uint8Array> {
    const known = this.#dataStart.get(entry);
    if (known !== undefined) return this.#fetch(known + offset, length, entry, scratch);
    const header = await this.#fetch(entry.headerOffset, 30 + entry.nameBytes.length, entry);
    return this.#fetch(this.#checkHeader(entry, header) + offset, length, entry, scratch);
  }

  /** A range of the archive. What is small is copied, so that it does not keep what it was read with. */
  async #fetch(offset: number, length: number, entry: ZipEntry, scratch?: Uint8Array): Promise<Uint8Array> {
    const inTail = offset - this.#tailStart;
    if (inTail >= 0) return this.#tail.slice(inTail, inTail + length);
    const where = within(this.where, entry.name);
    if (length > smallRead) return readRange(this.source, offset, length, where, scratch);
    let ahead = this.#ahead;
    if (!ahead || offset < ahead.start || offset + length > ahead.end) {
      const end = Math.min(offset + readAhead, this.source.size);
      ahead = { start: offset, end, bytes: readRange(this.source, offset, end - offset, where) };
      this.#ahead = ahead;
    }
    const from = offset - ahead.start;
    try {
      return (await ahead.bytes).slice(from, from + length);
    } catch (error) {
      if (this.#ahead === ahead) this.#ahead = undefined;
      throw error;
    }
  }

  /** Compares the local header in `bytes` with the directory, and gives the place where the entry's data begins. */
  #checkHeader(entry: ZipEntry, bytes: Uint8Array): number {
    const where = within(this.where, entry.name);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getUint32(0, true) !== 0x04034b50)
      throw importError(
        "IMP0002",
        where,
        `the entry should begin at byte ${entry.headerOffset}, but something else lies there`,
        recopy,
      );
    const nameLength = view.getUint16(26, true);
    const start = entry.headerOffset + 30 + nameLength + view.getUint16(28, true);
    const disagree = (what: string) =>
      importError(
        "IMP0003",
        where,
        `the entry's own header and the archive's directory disagree on its ${what}`,
        "export the program again; torch.export.save does not write such a file",
      );
    if (nameLength !== entry.nameBytes.length || entry.nameBytes.some((b, i) => bytes[30 + i] !== b))
      throw disagree("name");
    if (view.getUint16(8, true) !== (entry.deflated ? 8 : 0)) throw disagree("compression");
    const flags = view.getUint16(6, true);
    if (flags & 0x2041) throw disagree("encryption");
    // with bit 3 set, sizes and checksum follow the data, and the header has zeros
    if ((flags & 8) === 0) {
      const sizes = [view.getUint32(18, true), view.getUint32(22, true)];
      const expected = [entry.compressedSize, entry.size];
      if (sizes.some((s, i) => s !== 0xffffffff && s !== expected[i])) throw disagree("size");
      if (view.getUint32(14, true) !== (entry.crc32 ?? 0)) throw disagree("checksum");
    }
    if (start + entry.compressedSize > entry.limit)
      throw importError(
        "IMP0002",
        where,
        `the entry's ${entry.compressedSize} bytes reach beyond byte ${entry.limit}, where it must end`,
        recopy,
      );
    this.#dataStart.set(entry, start);
    return start;
  }
}

function checkCrc(entry: ZipEntry, actual: number, where: Where): void {
  if (entry.crc32 === undefined || actual === entry.crc32) return;
  const hex = (n: number): string => n.toString(16).padStart(8, "0");
  throw importError(
    "IMP0005",
    where,
    `the entry's checksum is ${hex(actual)}, but it should be ${hex(entry.crc32)}: its bytes were damaged`,
    recopy,
  );
}
