/** Padding before and after along one axis, as a convolution or pooling of TFLite means `SAME` and `VALID`. */
export function windowPadding(
  input: number,
  output: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: string,
): readonly [number, number] {
  if (padding === "VALID") return [0, 0];
  const total = Math.max((output - 1) * stride + (kernel - 1) * dilation + 1 - input, 0);
  const before = Math.floor(total / 2);
  return [before, total - before];
}
