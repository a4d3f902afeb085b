import { addDim, type Dim, floorDivDim } from "@tflower/core";

export type Padding = "SAME" | "VALID";

/** Extent of a window op's result along one axis. */
export const windowExtent = (input: Dim, kernel: number, stride: number, dilation: number, padding: Padding): Dim => {
  const out =
    padding === "SAME"
      ? floorDivDim(addDim(input, stride - 1), stride)
      : floorDivDim(addDim(input, stride - 1 - dilation * (kernel - 1)), stride);
  return typeof out === "number" ? Math.max(0, out) : out;
};

/** Elements that SAME adds before the first one; an odd one more goes after the last. */
export function paddingBefore(
  input: number,
  output: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: Padding,
): number {
  if (padding === "VALID") return 0;
  const span = (output - 1) * stride + (kernel - 1) * dilation + 1 - input;
  return Math.max(0, Math.floor(span / 2));
}
