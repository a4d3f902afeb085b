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
    const numbers = Float64Array.from([...[quant.axis ?? -1, quant.block ?? 0]]);
    const parts = [numbers, Float64Array.from(quant.scales), Float64Array.from(quant.zeroPoints)];
    key = parts.map((p) => contentKey(new Uint8Array(p.buffer))).join("/");
    keys.set(quant, key);
  }
  return `${showType(tensor(t.dtype, t.shape))}<${key}>`;
}
