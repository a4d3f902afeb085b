import { defineLowering, type Emit, isComplex, isFloat, type Rejection, reject, type Value } from "@tflower/core";
import * as aten from "../dialect/convolution.ts";
import { asImage, channelsLast, fromImage } from "../emit/channels-last.ts";
import { convolveImage, convolveImageTransposed, type Slides, still } from "../emit/convolve.ts";
import { convolveIntegers, convolveIntegersTransposed } from "../emit/convolve-integers.ts";
import { convolveVolume, convolveVolumeTransposed, volumeObstacle } from "../emit/convolve-volume.ts";
import { permuteBy, reshapeTo } from "../emit/rearrange.ts";
import { type ConvAttrs, convSlides } from "../semantics/conv-types.ts";
import { perAxis, type Sliding } from "../semantics/spatial.ts";

interface Operands {
  readonly input: Value;
  readonly weight: Value;
  readonly bias: Value | undefined;
}
/** A convolution of images or volumes with channels last. */
type Form<S> = (x: Value, weight: Value, slides: S) => Value;

/** Brings an input of any spatial rank to the form of images or of volumes, and the result back. */
function overSpace(
  { input, weight }: Operands,
  slides: readonly Sliding[],
  emit: Emit,
  image: Form<Slides>,
  volume: Form<readonly [Sliding, Sliding, Sliding]>,
): Value | Rejection {
  if (isComplex(input.type.dtype)) return reject("the convolution kernels take no complex numbers");
  const rank = slides.length;
  if (rank < 1 || rank > 3) return reject(`convolves over 1 to 3 axes, got ${rank}`);
  const x = channelsLast(emit, input, rank);
  if (rank === 1) {
    const filter = reshapeTo(emit, weight, weight.type.shape.toSpliced(2, 0, 1));
    return x.back(fromImage(emit, image(asImage(emit, x.value), filter, [still, slides[0]!])));
  }
  if (rank === 2) return x.back(image(x.value, weight, slides as unknown as Slides));
  const why = volumeObstacle(x.value.type.shape[1]!, slides[0]!);
  return why ? reject(why) : x.back(volume(x.value, weight, slides as unknown as [Sliding, Sliding, Sliding]));
}

const noExtents = (): Rejection => reject("convolutions of integers need static extents");
const isIntegral = (v: Value): boolean => !isFloat(v.type.dtype) && !isComplex(v.type.dtype);

function convolve(operands: Operands, a: ConvAttrs, emit: Emit): Value | Rejection {
  const { input, weight, bias } = operands;
  const slides = convSlides(weight.type, a);
  if (isIntegral(input)) return convolveIntegers(emit, input, weight, bias, slides, a.groups) ?? noExtents();
  return overSpace(
    operands,
    slides,
    emit,
    (x, w, s) => convolveImage(emit, x, w, bias, s, a.groups),
    (x, w, s) => convolveVolume(emit, x, w, bias, s, a.groups),
  );
}

interface TransposedAttrs extends ConvAttrs {
  readonly output_padding: readonly number[];
}
function convolveTransposed(operands: Operands, a: TransposedAttrs, emit: Emit): Value | Rejection {
  const slides = convSlides(operands.weight.type, a);
  const extra = perAxis(a.output_padding, slides.length, "output_padding");
  if (isIntegral(operands.input))
    return (
      convolveIntegersTransposed(emit, operands.input, operands.weight, operands.bias, slides, extra, a.groups) ??
      noExtents()
    );
  const onImage = (extra.length === 1 ? [0, extra[0]!] : extra) as [number, number];
  return overSpace(
    operands,
    // the depth's stride scatters, which takes no static depth
    slides,
    emit,
    (x, w, s) => convolveImageTransposed(emit, x, w, operands.bias, s, onImage, a.groups),
    (x, w, s) =>
      convolveVolumeTransposed(emit, x, w, operands.bias, s, extra as unknown as [number, number, number], a.groups),
  );
}

export const conv1d = defineLowering(aten.conv1d, convolve);
export const conv1dPadding = defineLowering(aten.conv1dPadding, convolve);
export const conv2d = defineLowering(aten.conv2d, convolve);
export const conv2dPadding = defineLowering(aten.conv2dPadding, convolve);
export const conv3d = defineLowering(aten.conv3d, convolve);
export const conv3dPadding = defineLowering(aten.conv3dPadding, convolve);
export const convTranspose1d = defineLowering(aten.convTranspose1d, convolveTransposed);
export const convTranspose2dInput = defineLowering(aten.convTranspose2dInput, convolveTransposed);
export const convTranspose3dInput = defineLowering(aten.convTranspose3dInput, convolveTransposed);
export const convolution = defineLowering(aten.convolution, (operands, a, emit) =>
  a.transposed ? convolveTransposed(operands, a, emit) : convolve(operands, a, emit),
);
export const convTbc = defineLowering(aten.convTbc, ({ self, weight, bias }, { pad }, emit) => {
  const operands = { input: permuteBy(emit, self, [1, 2, 0]), weight: permuteBy(emit, weight, [2, 1, 0]), bias };
  const result = convolve(operands, { stride: [1], padding: [pad], dilation: [1], groups: 1 }, emit);
  return "reason" in result ? result : permuteBy(emit, result, [2, 0, 1]);
});
