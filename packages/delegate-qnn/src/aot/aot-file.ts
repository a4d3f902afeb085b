import { MemorySink, type TfliteFile, writeTflite } from "@tflower/backend-tflite";
import { packDispatchOptions } from "./dispatch-options.ts";

/** Byte code of one context, and the partitions that are graphs in it. */
export interface ByteCode {
  readonly bytes: Uint8Array;
  /** Names of graphs, which are those of the nodes that run them. */
  readonly graphs: readonly string[];
}

/** The metadata by which LiteRT knows what an ahead-of-time file was compiled for: two texts of 125 bytes, padded with zeros. */
export function stampOf(manufacturer: string, soc: string): Uint8Array {
  const length = 125;
  const stamp = new Uint8Array(2 * length);
  const text = new TextEncoder();
  for (const [i, s] of [manufacturer, soc].entries()) {
    const bytes = text.encode(s);
    if (bytes.length >= length) throw new RangeError(`"${s}" does not fit LiteRT's build stamp`);
    stamp.set(bytes, i * length);
  }
  return stamp;
}

/** Options of a node whose byte code is not placed yet, as they go into the file. */
export const unplaced = (name: string): Uint8Array => packDispatchOptions({ name, offset: 1, size: 1 });

/**
 * Writes the file that a phone loads: `file` has a `DISPATCH_OP` with {@link unplaced} options for each partition, and their byte code goes
 * behind it. Contexts that hold several graphs are there once.
 */
export async function writeAotFile(file: TfliteFile, codes: readonly ByteCode[], soc: string): Promise<Uint8Array> {
  const sink = new MemorySink();
  await writeTflite(
    { ...file, metadata: [{ name: "LiteRtStamp", bytes: stampOf("Qualcomm", soc) }, ...(file.metadata ?? [])] },
    sink,
  );
  const head = sink.bytes();
  const all = new Uint8Array(codes.reduce((n, c) => n + c.bytes.length, head.length));
  all.set(head);
  let at = head.length;
  for (const { bytes, graphs } of codes) {
    all.set(bytes, at);
    for (const name of graphs) place(all.subarray(0, head.length), name, at, bytes.length);
    at += bytes.length;
  }
  return all;
}

/** Writes offset and size over the placeholders of a graph's options. */
function place(head: Uint8Array, name: string, offset: number, size: number): void {
  const from = unplaced(name);
  const to = packDispatchOptions({ name, offset, size });
  const at = indexOf(head, from);
  if (at < 0) throw new Error(`the options of "${name}" are not in the file`);
  head.set(to, at);
}

function indexOf(bytes: Uint8Array, part: Uint8Array): number {
  for (let at = bytes.indexOf(part[0]!); at >= 0; at = bytes.indexOf(part[0]!, at + 1)) {
    if (part.every((b, i) => bytes[at + i] === b)) return at;
  }
  return -1;
}
