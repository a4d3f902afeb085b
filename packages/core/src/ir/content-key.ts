/**
 * 128 bits of the contents, from four lanes with multipliers of their own, so that equal keys mean equal contents for any practical
 * purpose. Works on words: weights of a thousand batch-norms pass through here.
 */
export function contentKey(bytes: Uint8Array): string {
  if (bytes.length <= 32) return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >>> 2);
  let [a, b, c, d] = [0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35];
  const mix = (w: number): void => {
    a = Math.imul(a ^ w, 0x01000193);
    b = Math.imul((b << 7) ^ (b >>> 25) ^ w, 0x85ebca77);
    c = Math.imul(c + w, 0xc2b2ae3d) ^ (c >>> 15);
    d = Math.imul((d << 13) ^ (d >>> 19) ^ a, 0x27d4eb2f) + w;
  };
  for (let i = 0; i < words.length; i++) mix(words[i]!);
  for (let i = words.length * 4; i < aligned.length; i++) mix(aligned[i]!);
  return `${bytes.length}:${[a, b, c, d].map((l) => (l >>> 0).toString(16)).join(":")}`;
}
