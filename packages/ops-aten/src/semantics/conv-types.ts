import { type Dim, invalid, isStatic, showDim, showType, staticShape, type TensorType, tensor } from "@tflower/core";
import { perAxis, type Sliding, scatteredExtent, spanOf, windowCount } from "./spatial.ts";

/** What the overloads of convolution say, each in its own way. */
export interface ConvAttrs {
  readonly stride: readonly number[];
  readonly padding: readonly number[] | "valid" | "same";
  readonly dilation: readonly number[];
  readonly groups: number;
}

/** How the kernel slides along each spatial axis. */
export function convSlides(weight: TensorType, a: ConvAttrs): Sliding[] {
  const kernel = staticShape(weight.shape.slice(2));
  const n = kernel.length;
  const [stride, dilation] = [perAxis(a.stride, n, "stride"), perAxis(a.dilation, n, "dilation")];
  const padding = typeof a.padding === "string" ? undefined : perAxis(a.padding, n, "padding");
  return kernel.map((k, i) => {
    const slide = { kernel: k, stride: stride[i]!, dilation: dilation[i]! };
    if (padding) return { ...slide, before: padding[i]!, after: padding[i]! };
    if (a.padding === "valid") return { ...slide, before: 0, after: 0 };
    if (slide.stride !== 1) return invalid("padding='same' needs a stride of 1");
    // an odd total goes behind
    const total = spanOf(slide) - 1;
    return { ...slide, before: Math.floor(total / 2), after: Math.ceil(total / 2) };
  });
}

interface Operands {
  readonly input: TensorType;
  readonly weight: TensorType;
  readonly bias?: TensorType | undefined;
}
const known = (a: Dim, b: Dim): boolean => isStatic(a) && isStatic(b);

function check({ input, weight, bias }: Operands, channels: Dim, outputs: Dim, rank: number): void {
  if (weight.shape.length !== rank + 2) invalid(`takes a weight of rank ${rank + 2}, got ${showType(weight)}`);
  if (input.shape.length !== rank + 1 && input.shape.length !== rank + 2)
    invalid(`takes an input of rank ${rank + 1} or ${rank + 2}, got ${showType(input)}`);
  if (input.dtype !== weight.dtype || (bias && bias.dtype !== input.dtype))
    invalid(
      `takes operands of one dtype, got ${[input, weight, bias].flatMap((t) => (t ? [showType(t)] : [])).join(", ")}`,
    );
  const have = input.shape.at(-rank - 1)!;
  if (known(have, channels) && have !== channels)
    invalid(`takes ${showDim(channels)} input channels, got ${showType(input)}`);
  if (bias && known(bias.shape[0]!, outputs) && bias.shape[0] !== outputs)
    invalid(`has ${showDim(outputs)} output channels, but a bias ${showType(bias)}`);
}

/** Result type of a convolution over the last `rank` axes; the input may lack its batch axis. */
export function convType(operands: Operands, a: ConvAttrs, rank: number): TensorType {
  const { input, weight } = operands;
  const [outs, ins] = staticShape(weight.shape) as [number, number];
  if (a.groups < 1 || outs % a.groups !== 0) invalid(`cannot make ${outs} output channels in ${a.groups} groups`);
  check(operands, ins * a.groups, outs, rank);
  const space = convSlides(weight, a).map((s, i) => windowCount(input.shape.at(i - rank)!, s));
  return tensor(input.dtype, [...input.shape.slice(0, -rank - 1), outs, ...space]);
}

/** Result type of a transposed convolution over the last `rank` axes. */
export function convTransposeType(
  operands: Operands,
  a: ConvAttrs,
  outputPadding: readonly number[],
  rank: number,
): TensorType {
  const { input, weight } = operands;
  const [ins, outs] = staticShape(weight.shape) as [number, number];
  check(operands, ins, outs * a.groups, rank);
  const extra = perAxis(outputPadding, rank, "output_padding");
  const space = convSlides(weight, a).map((s, i) => {
    if (extra[i]! >= Math.max(s.stride, s.dilation))
      invalid(`output_padding ${extra[i]} must be smaller than stride or dilation`);
    const extent = scatteredExtent(input.shape.at(i - rank)!, s, extra[i]!);
    return isStatic(extent) && extent < 1 ? invalid(`leaves an extent of ${extent}`) : extent;
  });
  return tensor(input.dtype, [...input.shape.slice(0, -rank - 1), outs * a.groups, ...space]);
}
