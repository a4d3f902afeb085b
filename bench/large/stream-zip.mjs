// Writes stored entries of any size into a zip file, with the 64-bit records where they are needed.
import { closeSync, openSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";

const record = (...fields) => {
  const out = Buffer.alloc(fields.reduce((n, [bytes]) => n + bytes, 0));
  let at = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 8) out.writeBigUInt64LE(BigInt(value), at);
    else out.writeUIntLE(value, at, bytes);
    at += bytes;
  }
  return out;
};
const wide = 0xffffffff;
/** Contents begin at multiples of this, as PyTorch's own do. */
const alignment = 64;

export class StreamZip {
  #file;
  #at = 0;
  #entries = [];
  constructor(path) {
    this.#file = openSync(path, "w");
  }
  #write(bytes) {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done);
    this.#at += bytes.length;
  }
  /** Adds an entry; `chunks` is called twice, for the checksum first. No entry may be 4 GiB or more. */
  add(name, chunks) {
    let [crc, size] = [0, 0];
    for (const c of chunks()) {
      crc = crc32(c, crc);
      size += c.length;
    }
    if (size >= wide) throw new RangeError(`${name}: an entry of ${size} bytes is more than this writer can describe`);
    const path = Buffer.from(name);
    const offset = this.#at;
    const start = offset + 30 + path.length + 4;
    const padding = (alignment - (start % alignment)) % alignment;
    const common = [
      [2, 0],
      [2, 0],
      [2, 0],
      [2, 0x21],
      [4, crc],
      [4, size],
      [4, size],
      [2, path.length],
    ];
    this.#write(record([4, 0x04034b50], [2, 45], ...common, [2, 4 + padding]));
    this.#write(path);
    this.#write(Buffer.concat([record([2, 0x4246], [2, padding]), Buffer.alloc(padding)]));
    for (const c of chunks()) this.#write(c);
    this.#entries.push({ path, common, offset });
  }
  text(name, content) {
    this.add(name, () => [Buffer.from(content)]);
  }
  close() {
    const start = this.#at;
    for (const { path, common, offset } of this.#entries) {
      const extra = offset < wide ? Buffer.alloc(0) : record([2, 1], [2, 8], [8, offset]);
      this.#write(
        record(
          [4, 0x02014b50],
          [2, 45],
          [2, 45],
          ...common,
          [2, extra.length],
          [2, 0],
          [2, 0],
          [2, 0],
          [4, 0],
          [4, Math.min(offset, wide)],
        ),
      );
      this.#write(path);
      this.#write(extra);
    }
    const count = this.#entries.length;
    const size = this.#at - start;
    const end64 = this.#at;
    this.#write(
      record([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], [8, count], [8, count], [8, size], [8, start]),
    );
    this.#write(record([4, 0x07064b50], [4, 0], [8, end64], [4, 1]));
    this.#write(
      record(
        [4, 0x06054b50],
        [2, 0],
        [2, 0],
        [2, Math.min(count, 0xffff)],
        [2, Math.min(count, 0xffff)],
        [4, Math.min(size, wide)],
        [4, Math.min(start, wide)],
        [2, 0],
      ),
    );
    closeSync(this.#file);
  }
}
