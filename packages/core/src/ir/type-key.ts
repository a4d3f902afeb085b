import { contentKey } from "./content-key.ts";
import { type Quantization, showType, type TensorType, tensor } from "./type.ts";

const keys = new WeakMap<Quantization, string>();
/** Scales beyond these are hashed: a large weight in blocks has millions. */
const shown = 16;

/** Text by which types are compared where there are many: that of `showType`, with a digest in the place of long lists of scales. */
export function typeKey(t: TensorType): string {
  const { quant } = t;
  if (!quant || quant.scales.length <= shown) return showType(t);
  let key = keys.get(quant);
  if (key === undefined) {
    const { axis = -1, block = 0 } = quant;
    key = [[axis, block], quant.scales, quant.zeroPoints].map(numbersKey).join("/");
    keys.set(quant, key);
  }
  return `${showType(tensor(t.dtype, t.shape))}<${key}>`;
}

/** Numbers are hashed in pieces, which take no memory to speak of. */
const piece = 65536;
function numbersKey(numbers: readonly number[]): string {
  const keyOf = (from: number, to: number): string =>
    contentKey(new Uint8Array(Float64Array.from(numbers.slice(from, to)).buffer));
  if (numbers.length <= piece) return keyOf(0, numbers.length);
  const parts: string[] = [];
  for (let at = 0; at < numbers.length; at += piece) parts.push(keyOf(at, at + piece));
  return contentKey(new TextEncoder().encode(parts.join()));
}
