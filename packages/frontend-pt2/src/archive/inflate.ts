/**
 * Decompresses raw deflate data that should make exactly `size` bytes. Gives undefined when the data is damaged or
 * makes another number of bytes; never holds more than `size` bytes and one chunk.
 */
export async function inflate(compressed: Uint8Array, size: number): Promise<Uint8Array | undefined> {
  const stream = new DecompressionStream("deflate-raw");
  const writer = stream.writable.getWriter();
  // failures come out of the reading side; here they only must not go unhandled
  const written = writer
    .write(compressed as Uint8Array<ArrayBuffer>)
    .then(() => writer.close())
    .catch(() => {});
  const reader = stream.readable.getReader();
  const out = new Uint8Array(size);
  let at = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (at + value.length > size) {
        await reader.cancel().catch(() => {});
        return undefined;
      }
      out.set(value, at);
      at += value.length;
    }
  } catch {
    return undefined;
  }
  await written;
  return at === size ? out : undefined;
}
