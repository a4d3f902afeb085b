/**
 * Random access to bytes that may be far larger than memory: a file, a `Blob`, or an array.
 * Reads are asynchronous so that the same code serves Node and the page.
 */
export interface ByteSource {
  /** What messages call it: a path or a file name. */
  readonly name: string;
  /**
   * What tells its bytes from those of every other source; the name, when absent. Two sources with one key hold the same bytes, so
   * constants over them are shared: a name is not enough where two files may be called alike.
   */
  readonly key?: string;
  /** Total size in bytes. */
  readonly size: number;
  /**
   * Exactly `length` bytes from `offset`; rejects when the range lies outside or the medium fails. A source may put them into
   * `scratch`, when it is long enough: whoever reads piece after piece saves the system from finding new memory for each.
   */
  read(offset: number, length: number, scratch?: Uint8Array): Promise<Uint8Array>;
  /** CRC-32 (zlib's polynomial) of `bytes` continued from `seed`, where the platform has a fast one. */
  readonly crc32?: (bytes: Uint8Array, seed: number) => number;
  /** Lets go of the medium. */
  close?(): Promise<void>;
}

let sources = 0;
/** A {@link ByteSource.key} that no other source has. */
export const uniqueSourceKey = (name: string): string => `${name}#${sources++}`;

/** A {@link ByteSource} over bytes in memory. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    key: uniqueSourceKey(name),
    size: bytes.byteLength,
    async read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > bytes.byteLength)
        throw new RangeError(`${name}: bytes ${offset} to ${offset + length} of ${bytes.byteLength}`);
      return bytes.subarray(offset, offset + length);
    },
  };
}

/** A {@link ByteSource} over a `Blob` or `File`, as a page has it. */
export function blobSource(name: string, blob: Blob): ByteSource {
  return {
    name,
    key: uniqueSourceKey(name),
    size: blob.size,
    async read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > blob.size)
        throw new RangeError(`${name}: bytes ${offset} to ${offset + length} of ${blob.size}`);
      return new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
    },
  };
}
