import { decode, dtypes, encode, type TensorData, tensor, type Value } from "@tflower/core";
import type { RuntimeTensor } from "@tflower/runtime-litert";

/** A tensor as the runtime takes it. */
export function toRuntime(t: TensorData): RuntimeTensor {
  const { dtype, shape } = t.type;
  const bytes = encode(t).slice();
  const half = dtype === "f16" || dtype === "bf16";
  const Make = (half ? Uint16Array : t.data.constructor) as new (buffer: ArrayBuffer) => unknown;
  return { dtype, shape, data: new Make(bytes.buffer as ArrayBuffer) } as RuntimeTensor;
}

/** What the runtime gives for `v`. */
export function fromRuntime(t: RuntimeTensor, v: Value): TensorData {
  const { data } = t;
  const { quant } = v.type;
  const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  const dtype = Object.hasOwn(dtypes, t.dtype) ? t.dtype : v.type.dtype;
  return decode(tensor(dtype, t.shape, quant), bytes);
}
