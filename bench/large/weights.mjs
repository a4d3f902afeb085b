// Weights that anyone can make again from their name and position: small finite numbers, no two chunks alike.

/** Bytes of a chunk; the numbers within repeat from chunk to chunk but for a stamp at the start. */
export const chunkBytes = 1 << 20;

function hash(text) {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** A megabyte of numbers between -1/16 and 1/16 that follow from `seed`. */
function megabyte(seed, dtype) {
  const bytes = Buffer.alloc(chunkBytes);
  let state = seed || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  if (dtype === "f32") {
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, chunkBytes / 4);
    for (let i = 0; i < values.length; i++) values[i] = (next() / 2 ** 32 - 0.5) / 8;
  } else {
    // sign, an exponent from 2^-14 to 2^-5, any mantissa
    const values = new Uint16Array(bytes.buffer, bytes.byteOffset, chunkBytes / 2);
    for (let i = 0; i < values.length; i++) {
      const r = next();
      values[i] = (r & 0x8000) | ((1 + ((r >>> 16) % 10)) << 10) | (r & 0x3ff);
    }
  }
  return bytes;
}

/** Chunks of the weight called `name`: `bytes` in all. */
export function* weightChunks(name, bytes, dtype) {
  const pattern = megabyte(hash(name), dtype);
  for (let at = 0, i = 0; at < bytes; at += chunkBytes, i++) {
    const chunk = pattern.subarray(0, Math.min(chunkBytes, bytes - at));
    stamp(chunk, i, dtype);
    yield chunk;
  }
}

/** The number of the chunk, in its first element: so a chunk in a wrong place shows. */
function stamp(chunk, i, dtype) {
  if (dtype === "f32") chunk.writeFloatLE(i / 65536, 0);
  else chunk.writeUInt16LE(0x2000 | (i & 0x3ff), 0);
}
