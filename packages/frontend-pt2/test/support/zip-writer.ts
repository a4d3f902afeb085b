import { crc32, deflateRawSync } from "node:zlib";

/** An entry to write; what is left out is written truthfully. */
export interface EntryToWrite {
  readonly name: string;
  readonly data: Uint8Array | string;
  readonly deflate?: boolean;
  /** Lies and oddities, in the directory ... */
  readonly method?: number;
  readonly flags?: number;
  readonly crc?: number;
  readonly size?: number;
  readonly compressedSize?: number;
  readonly headerOffset?: number;
  readonly extra?: Uint8Array;
  /** ... and in the local header. */
  readonly local?: {
    readonly name?: string;
    readonly method?: number;
    readonly flags?: number;
    readonly size?: number;
    readonly crc?: number;
    readonly signature?: number;
    readonly extra?: Uint8Array;
  };
}

export interface ZipOptions {
  readonly comment?: string;
  readonly before?: Uint8Array;
  readonly after?: Uint8Array;
  readonly zip64?: boolean;
  readonly disk?: number;
  /** Fields of the end record to overwrite. */
  readonly end?: { readonly count?: number; readonly length?: number; readonly offset?: number };
  readonly end64?: {
    readonly count?: number;
    readonly length?: number;
    readonly offset?: number;
    readonly record?: number;
    readonly signature?: number;
  };
}

const utf8 = new TextEncoder();
type Field = readonly [bytes: 2 | 4 | 8, value: number];

function record(...fields: readonly Field[]): Uint8Array {
  const out = new Uint8Array(fields.reduce((n, [bytes]) => n + bytes, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 2) view.setUint16(at, value, true);
    else if (bytes === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += bytes;
  }
  return out;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

/** Writes a zip archive, well-formed unless asked otherwise. */
export function writeZip(entries: readonly EntryToWrite[], options: ZipOptions = {}): Uint8Array {
  const parts: Uint8Array[] = [options.before ?? new Uint8Array(0)];
  let at = parts[0]!.length;
  const base = at;
  const directory: Uint8Array[] = [];
  for (const e of entries) {
    const data = typeof e.data === "string" ? utf8.encode(e.data) : e.data;
    const stored = e.deflate ? new Uint8Array(deflateRawSync(data)) : data;
    const method = e.method ?? (e.deflate ? 8 : 0);
    const crc = e.crc ?? crc32(data);
    const flags = e.flags ?? 0;
    const local = e.local ?? {};
    const localName = utf8.encode(local.name ?? e.name);
    const localExtra = local.extra ?? new Uint8Array(0);
    const sizes: Field[] = [
      [4, Math.min(e.compressedSize ?? stored.length, 0xffffffff)],
      [4, Math.min(local.size ?? e.size ?? data.length, 0xffffffff)],
    ];
    const headerOffset = e.headerOffset ?? at - base;
    const header = concat(
      record(
        [4, local.signature ?? 0x04034b50],
        [2, 20],
        [2, local.flags ?? flags],
        [2, local.method ?? method],
        [2, 0],
        [2, 33],
        [4, local.crc ?? crc],
        ...sizes,
        [2, localName.length],
        [2, localExtra.length],
      ),
      localName,
      localExtra,
    );
    parts.push(header, stored);
    at += header.length + stored.length;
    const name = utf8.encode(e.name);
    const extra = e.extra ?? new Uint8Array(0);
    directory.push(
      record(
        [4, 0x02014b50],
        ...([
          [2, 20],
          [2, 20],
          [2, flags],
          [2, method],
          [2, 0],
          [2, 33],
        ] as Field[]),
        ...([
          [4, crc],
          [4, e.compressedSize ?? stored.length],
          [4, e.size ?? data.length],
        ] as Field[]),
        ...([
          [2, name.length],
          [2, extra.length],
          [2, 0],
          [2, 0],
          [2, 0],
          [4, 0],
          [4, headerOffset],
        ] as Field[]),
      ),
      name,
      extra,
    );
  }
  const listed = concat(...directory);
  const place = { count: entries.length, length: listed.length, offset: at - base };
  parts.push(listed);
  if (options.zip64) {
    const long = { ...place, ...options.end64 };
    parts.push(
      record(
        [4, options.end64?.signature ?? 0x06064b50],
        [8, 44],
        [2, 45],
        [2, 45],
        [4, 0],
        [4, 0],
        [8, long.count],
        [8, long.count],
        [8, long.length],
        [8, long.offset],
      ),
      record([4, 0x07064b50], [4, 0], [8, options.end64?.record ?? at + listed.length], [4, 1]),
    );
  }
  const short = {
    ...(options.zip64 ? { count: 0xffff, length: 0xffffffff, offset: 0xffffffff } : place),
    ...options.end,
  };
  const comment = utf8.encode(options.comment ?? "");
  const disk = options.disk ?? 0;
  parts.push(
    record(
      [4, 0x06054b50],
      [2, disk],
      [2, disk],
      [2, short.count],
      [2, short.count],
      [4, short.length],
      [4, short.offset],
      [2, comment.length],
    ),
    comment,
  );
  parts.push(options.after ?? new Uint8Array(0));
  return concat(...parts);
}
