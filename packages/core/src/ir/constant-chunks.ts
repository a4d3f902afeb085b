import { countOf, encode, staticShape } from "../eval/tensor-data.ts";
import { type Constant, constantByteLength } from "./constant.ts";
import { constantRows } from "./constant-rows.ts";
import { byteLength, dtypes } from "./dtype.ts";
import { loadConstant } from "./evaluate-constant.ts";

/** Large enough that calls do not matter, small enough that a piece is still in the cache when it is checked and written. */
const chunkBytes = 1024 * 1024;

/**
 * The packed bytes; in pieces where the constant is a plain range of its file. A piece's memory is used again for the next one:
 * use it before asking for more.
 */
export async function* constantChunks(c: Constant): AsyncGenerator<Uint8Array> {
  if (c.kind === "leaf" && !c.strides) {
    const total = constantByteLength(c);
    const from = c.offset + byteLength(c.type.dtype, c.storageOffset);
    const scratch = total > chunkBytes ? new Uint8Array(chunkBytes) : undefined;
    for (let at = 0; at < total; at += chunkBytes)
      yield await c.source.read(from + at, Math.min(chunkBytes, total - at), scratch);
    return;
  }
  const rows = c.type.shape[0];
  // packed integers are made of floats, which are what takes memory
  const total = Math.max(constantByteLength(c), 4 * countOf(staticShape(c.type.shape)));
  if (total > pieceBytes && typeof rows === "number" && rows > 1) {
    // a piece of packed elements ends with a byte
    const whole = Math.max(1, 8 / dtypes[c.type.dtype].bits);
    const step = Math.ceil(Math.max(1, Math.floor((rows * pieceBytes) / total)) / whole) * whole;
    if (constantRows(c, 0, Math.min(step, rows))) {
      for (let at = 0; at < rows; at += step)
        yield* inChunks(encode(await loadConstant(constantRows(c, at, Math.min(step, rows - at))!)));
      return;
    }
  }
  yield* inChunks(encode(await loadConstant(c)));
}
/** What is computed is computed in pieces of so many bytes, where it can be. */
const pieceBytes = 8 * 1024 * 1024;
/** Systems do not take several gigabytes in one call. */
const largestChunk = 256 * 1024 * 1024;
function* inChunks(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length || at === 0; at += largestChunk) yield bytes.subarray(at, at + largestChunk);
}
