import { defineLowering, type Emit, type Rejection, reject, type Value } from "@tflower/core";
import * as aten from "../dialect/dropout.ts";
import { numberValue } from "../emit/convert.ts";
import { fillWith } from "../emit/fill.ts";
import { times } from "../emit/pointwise.ts";

type Attrs = { readonly p: number; readonly train: boolean };

function dropped(emit: Emit, input: Value, p: number, train: boolean): Value | Rejection {
  if (!train || p === 0) return input;
  // what is dropped altogether is not random
  if (p === 1) return times(emit, input, 0);
  return reject("is in training mode, where it is random: call model.eval() before exporting");
}
const lowerDropout = ({ input }: { readonly input: Value }, { p, train }: Attrs, emit: Emit): Value | Rejection =>
  dropped(emit, input, p, train);
export const dropout = defineLowering(aten.dropout, lowerDropout);
export const featureDropout = defineLowering(aten.featureDropout, lowerDropout);
export const alphaDropout = defineLowering(aten.alphaDropout, lowerDropout);
export const featureAlphaDropout = defineLowering(aten.featureAlphaDropout, lowerDropout);
export const nativeDropout = defineLowering(aten.nativeDropout, ({ input }, { p, train }, emit) => {
  const out = dropped(emit, input, p, train ?? true);
  if ("reason" in out) return out;
  return [out, fillWith(emit, numberValue(emit, train === false || p === 0, "bool"), input.type.shape)];
});
