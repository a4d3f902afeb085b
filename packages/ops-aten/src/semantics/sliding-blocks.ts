import {
  allocate,
  countOf,
  type Dim,
  floorDivDim,
  invalid,
  isComplex,
  isStatic,
  mulDim,
  sizeOf,
  staticShape,
  type TensorData,
  type TensorType,
  tensor,
  withShape,
  wrap,
} from "@tflower/core";
import { perAxis, type Sliding, slidingTaps, windowCount } from "./spatial.ts";

/** What `im2col` and `col2im` say about their blocks. */
export interface BlockAttrs {
  readonly kernel_size: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: readonly number[];
  readonly stride: readonly number[];
}
export function blockSlides(a: BlockAttrs): readonly [Sliding, Sliding] {
  const [kernel, dilation, padding, stride] = [a.kernel_size, a.dilation, a.padding, a.stride].map((list, i) =>
    perAxis(list, 2, ["kernel_size", "dilation", "padding", "stride"][i]!),
  );
  for (const [name, least, list] of [
    ["kernel_size", 1, kernel!],
    ["dilation", 1, dilation!],
    ["padding", 0, padding!],
    ["stride", 1, stride!],
  ] as const)
    if (list.some((v) => v < least)) invalid(`${name} must be ${least} at least, got [${list.join(", ")}]`);
  const slide = (i: number): Sliding => ({
    kernel: kernel![i]!,
    dilation: dilation![i]!,
    before: padding![i]!,
    after: padding![i]!,
    stride: stride![i]!,
  });
  return [slide(0), slide(1)];
}
const kernelSize = (a: BlockAttrs): number => blockSlides(a).reduce((n, s) => n * s.kernel, 1);

/** `[N, C, H, W]` to `[N, C * kernel, blocks]`; the batch axis may lack. */
export function unfoldedType(self: TensorType, a: BlockAttrs): TensorType {
  if (self.shape.length !== 3 && self.shape.length !== 4)
    invalid(`takes a tensor of rank 3 or 4, got ${self.shape.length}`);
  const [c, h, w] = self.shape.slice(-3) as [Dim, Dim, Dim];
  const [down, right] = blockSlides(a);
  return withShape(self, [
    ...self.shape.slice(0, -3),
    mulDim(c, kernelSize(a)),
    mulDim(windowCount(h, down), windowCount(w, right)),
  ]);
}
/** `[N, C * kernel, blocks]` to `[N, C, H, W]`. */
export function foldedType(self: TensorType, size: readonly Dim[], a: BlockAttrs): TensorType {
  if (self.shape.length !== 2 && self.shape.length !== 3)
    invalid(`takes a tensor of rank 2 or 3, got ${self.shape.length}`);
  const [rows, blocks] = self.shape.slice(-2) as [Dim, Dim];
  const kernel = kernelSize(a);
  const space = perAxis(size, 2, "output_size");
  if (isStatic(rows) && rows % kernel !== 0) invalid(`has ${rows} rows, which blocks of ${kernel} do not divide`);
  const count = sizeOf(blockSlides(a).map((s, i) => windowCount(space[i]!, s)));
  if (isStatic(count) && isStatic(blocks) && count !== blocks) invalid(`has ${blocks} blocks, ${count} fit`);
  return withShape(self, [...self.shape.slice(0, -2), floorDivDim(rows, kernel), ...space]);
}

/** Calls `visit` with every element of every block: where it stands among the blocks of a channel, and in the image. */
export function eachBlockElement(
  space: readonly number[],
  a: BlockAttrs,
  visit: (inBlocks: number, inImage: number) => void,
): void {
  const slides = blockSlides(a);
  const [down, right] = slides.map((s, i) => slidingTaps(space[i]!, windowCount(space[i]!, s) as number, s));
  const blocks = down!.length * right!.length;
  for (const [y, rows] of down!.entries())
    for (const [x, columns] of right!.entries())
      for (const [ky, i] of rows)
        for (const [kx, j] of columns)
          visit((ky * slides[1].kernel + kx) * blocks + y * right!.length + x, i * space[1]! + j);
}

function moved(
  from: TensorData,
  shape: readonly number[],
  planes: number,
  pairs: readonly (readonly [number, number])[],
): TensorData {
  if (isComplex(from.type.dtype)) throw new RangeError("has no reference semantics for complex numbers");
  const out = allocate(from.type.dtype, countOf(shape)) as Float32Array;
  const x = from.data as Float32Array;
  const [outSize, inSize] = [out.length / planes, x.length / planes];
  // one element of the blocks for each place, or several that add up
  for (let p = 0; p < planes; p++) for (const [to, at] of pairs) out[p * outSize + to]! += x[p * inSize + at]!;
  return wrap(tensor(from.type.dtype, shape), out);
}
export function unfolded(self: TensorData, a: BlockAttrs): TensorData {
  const shape = staticShape(self.type.shape);
  const pairs: [number, number][] = [];
  eachBlockElement(shape.slice(-2), a, (inBlocks, inImage) => pairs.push([inBlocks, inImage]));
  return moved(self, staticShape(unfoldedType(self.type, a).shape), countOf(shape.slice(0, -2)), pairs);
}
export function folded(self: TensorData, size: readonly number[], a: BlockAttrs): TensorData {
  const shape = staticShape(foldedType(self.type, size, a).shape);
  const pairs: [number, number][] = [];
  eachBlockElement(shape.slice(-2), a, (inBlocks, inImage) => pairs.push([inImage, inBlocks]));
  return moved(self, shape, countOf(shape.slice(0, -2)), pairs);
}
