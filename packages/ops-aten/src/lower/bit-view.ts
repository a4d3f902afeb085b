import { tfl } from "@tflower/backend-tflite";
import {
  type Dim,
  type DType,
  defineLowering,
  dtypeInfo,
  type Emit,
  type Node,
  reject,
  tensor,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/bit-view.ts";
import { reshapeTo } from "../emit/rearrange.ts";

/** Dtypes whose elements lie in the file as they do in PyTorch: other floats are held as float32. */
const asTheyAre: readonly DType[] = ["f32", "i64", "i32", "i16", "i8", "u8"];

const reading = (
  { self }: { readonly self: Value },
  { dtype }: { readonly dtype: DType },
  emit: Emit,
  node: Node<any>,
) => {
  const result = node.results[0]!.type;
  const from = self.type.dtype;
  if (![from, dtype].every((d) => asTheyAre.includes(d)) || result.dtype !== dtype)
    return reject(`the bits of ${from} and ${dtype} are not held as they are in PyTorch`);
  const [have, want] = [dtypeInfo(from).bits, dtypeInfo(dtype).bits];
  const bits = (x: Value, shape: readonly Dim[]): Value =>
    emit.all(tfl.bitcast, { input: x }, {}, [tensor(dtype, shape)])[0]!;
  const { shape } = self.type;
  if (have === want) return from === dtype ? self : bits(self, shape);
  // the kernel has the parts of an element along an axis of their own
  if (have > want) return reshapeTo(emit, bits(self, [...shape, have / want]), result.shape);
  return bits(reshapeTo(emit, self, [...result.shape, want / have]), result.shape);
};
export const viewDtype = defineLowering(aten.viewDtype, reading);
export const viewCopyDtype = defineLowering(aten.viewCopyDtype, reading);
