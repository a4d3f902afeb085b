import {
  type ByteSource,
  byteLength,
  type Constant,
  countOf,
  dataConstant,
  decode,
  dtypes,
  leafConstant,
  memorySource,
  staticShape,
  type TensorType,
  uniqueSourceKey,
} from "@tflower/core";
import type { BufferData, LazyBuffer } from "../file/tflite-file.ts";
import { FileProblem } from "./file-problem.ts";

/** Constants up to this many bytes are decoded at once, so that passes, which are synchronous, can look at them; the importer of .pt2 does the same. */
const residentBytes = 64 * 1024;
/** Integers and bools are indices, shapes and masks: passes want to see larger ones. */
const residentIntegerBytes = 1024 * 1024;

/** Constants over a file's buffers: the bytes of large ones stay where they are. */
export class BufferConstants {
  private readonly file: string;
  private readonly known = new Map<BufferData, ByteSource>();
  constructor(file: string) {
    this.file = file;
  }
  /** The constant of `type` that `buffer` holds. */
  of(type: TensorType, buffer: BufferData): Constant {
    const { kind, bits } = dtypes[type.dtype];
    if (!bits) throw new FileProblem("TFL0032", `a constant of dtype ${type.dtype} cannot be held`);
    const bytes = byteLength(type.dtype, countOf(staticShape(type.shape)));
    if (bytes !== buffer.byteLength)
      throw new FileProblem("TFL0032", `its elements take ${bytes} bytes, and there are ${buffer.byteLength}`);
    const limit = kind === "int" || kind === "uint" || kind === "bool" ? residentIntegerBytes : residentBytes;
    if (buffer instanceof Uint8Array && bytes <= limit) return dataConstant(decode(type, buffer));
    return leafConstant(type, this.sourceOf(buffer), { offset: 0, length: bytes });
  }
  private sourceOf(buffer: BufferData): ByteSource {
    let source = this.known.get(buffer);
    if (!source) {
      source = buffer instanceof Uint8Array ? memorySource(this.file, buffer) : lazySource(this.file, buffer);
      this.known.set(buffer, source);
    }
    return source;
  }
}

/** Reads a buffer that is produced chunk after chunk; whoever wants a later part waits for the ones before. */
function lazySource(name: string, buffer: LazyBuffer): ByteSource {
  return {
    name,
    key: uniqueSourceKey(name),
    size: buffer.byteLength,
    async read(offset, length) {
      const out = new Uint8Array(length);
      let at = 0;
      for await (const chunk of buffer.chunks()) {
        const from = Math.max(offset, at);
        const to = Math.min(offset + length, at + chunk.byteLength);
        if (from < to) out.set(chunk.subarray(from - at, to - at), from - offset);
        at += chunk.byteLength;
        if (at >= offset + length) return out;
      }
      if (at < offset + length) throw new RangeError(`${name}: bytes ${offset} to ${offset + length} of ${at}`);
      return out;
    },
  };
}
