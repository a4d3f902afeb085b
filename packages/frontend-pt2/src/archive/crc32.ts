/**
 * CRC-32 with zlib's polynomial, 16 bytes a step. `seed` is the checksum of what came before.
 * Used where the platform gives no faster one (see `ByteSource.crc32`).
 */
export function crc32(bytes: Uint8Array, seed = 0): number {
  const t = (tables ??= makeTables());
  let crc = ~seed;
  let i = 0;
  for (const end = bytes.length - 15; i < end; i += 16) {
    crc =
      t[0xf00 + ((bytes[i]! ^ crc) & 255)]! ^
      t[0xe00 + ((bytes[i + 1]! ^ (crc >>> 8)) & 255)]! ^
      t[0xd00 + ((bytes[i + 2]! ^ (crc >>> 16)) & 255)]! ^
      t[0xc00 + (bytes[i + 3]! ^ (crc >>> 24))]! ^
      t[0xb00 + bytes[i + 4]!]! ^
      t[0xa00 + bytes[i + 5]!]! ^
      t[0x900 + bytes[i + 6]!]! ^
      t[0x800 + bytes[i + 7]!]! ^
      t[0x700 + bytes[i + 8]!]! ^
      t[0x600 + bytes[i + 9]!]! ^
      t[0x500 + bytes[i + 10]!]! ^
      t[0x400 + bytes[i + 11]!]! ^
      t[0x300 + bytes[i + 12]!]! ^
      t[0x200 + bytes[i + 13]!]! ^
      t[0x100 + bytes[i + 14]!]! ^
      t[bytes[i + 15]!]!;
  }
  for (; i < bytes.length; i++) crc = t[(bytes[i]! ^ crc) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

let tables: Int32Array | undefined;

/** Table `k` holds the checksum of a byte followed by `k` zero bytes. */
function makeTables(): Int32Array {
  const t = new Int32Array(16 * 256);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    t[n] = c;
  }
  for (let n = 256; n < t.length; n++) t[n] = t[t[n - 256]! & 255]! ^ (t[n - 256]! >>> 8);
  return t;
}
