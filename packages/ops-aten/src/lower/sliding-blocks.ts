import { tfl } from "@tflower/backend-tflite";
import { defineLowering, i32Data, isFloat, isStaticShape, reject, sizeOf, tensorData } from "@tflower/core";
import * as aten from "../dialect/sliding-blocks.ts";
import { convolveImageTransposed } from "../emit/convolve.ts";
import { noMargin, padded } from "../emit/padding.ts";
import { permuteBy, reshapeTo } from "../emit/rearrange.ts";
import { blockSlides, eachBlockElement } from "../semantics/sliding-blocks.ts";
import { scatteredExtent } from "../semantics/spatial.ts";

export const im2col = defineLowering(aten.im2col, ({ self }, a, emit, node) => {
  const slides = blockSlides(a);
  const lead = self.type.shape.slice(0, -2);
  const full = padded(emit, self, [...lead.map(() => noMargin), ...slides.map((s) => [s.before, s.after] as const)]);
  const space = full.type.shape.slice(-2);
  if (!isStaticShape(space)) return reject("needs static extents of the image");
  // without padding every element of every block has a place in the image
  const places: number[] = [];
  eachBlockElement(space, { ...a, padding: [0, 0] }, (inBlocks, inImage) => {
    places[inBlocks] = inImage;
  });
  const flat = reshapeTo(emit, full, [sizeOf(lead), sizeOf(space)]);
  return reshapeTo(
    emit,
    emit(tfl.gather, { params: flat, indices: emit.constant(i32Data(places)) }, { axis: 1 }),
    node.results[0]!.type.shape,
  );
});

/** Overlapping blocks add up as in a transposed convolution whose kernels each have a single 1. */
export const col2im = defineLowering(aten.col2im, ({ self }, a, emit, node) => {
  if (!isFloat(self.type.dtype))
    return reject(`the transposed convolution that adds blocks up takes floats, got ${self.type.dtype}`);
  const { shape } = node.results[0]!.type;
  const slides = blockSlides(a);
  const space = shape.slice(-2);
  if (!isStaticShape(space)) return reject("needs static extents of the image");
  const [kh, kw] = slides.map((s) => s.kernel) as [number, number];
  const kernel = kh * kw;
  const planes = sizeOf(shape.slice(0, -2));
  const counts = slides.map(
    (s, i) => Math.floor((space[i]! + 2 * s.before - s.dilation * (s.kernel - 1) - 1) / s.stride) + 1,
  );
  const blocks = permuteBy(emit, reshapeTo(emit, self, [planes, kernel, ...counts]), [0, 2, 3, 1]);
  const eye = emit.constant(
    tensorData(
      "f32",
      [kernel, 1, kh, kw],
      Array.from({ length: kernel * kernel }, (_, i) => (i % (kernel + 1) === 0 ? 1 : 0)),
    ),
  );
  const extra = slides.map((s, i) => space[i]! - (scatteredExtent(counts[i]!, s, 0) as number)) as [number, number];
  return reshapeTo(emit, convolveImageTransposed(emit, blocks, eye, undefined, slides, extra, 1), shape);
});
