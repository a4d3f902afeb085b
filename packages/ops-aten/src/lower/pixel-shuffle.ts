import { tfl } from "@tflower/backend-tflite";
import {
  type Dim,
  defineLowering,
  divideExactly,
  type Emit,
  floorDivDim,
  type Node,
  sizeOf,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/pixel-shuffle.ts";
import { permuteBy, reshapeTo } from "../emit/rearrange.ts";

const quotient = (a: Dim, b: Dim): Dim => divideExactly(a, b) ?? floorDivDim(a, b);
/** Dtypes that the block kernels take. */
const inBlocks = (x: Value): boolean => x.type.dtype === "f32" || x.type.dtype === "i32" || x.type.dtype === "i64";
/** The image batch with its leading axes as one. */
function imagesOf(
  emit: Emit,
  x: Value,
): { readonly images: Value; readonly n: Dim; readonly c: Dim; readonly h: Dim; readonly w: Dim } {
  const shape = x.type.shape;
  const [c, h, w] = shape.slice(-3) as [Dim, Dim, Dim];
  const n = sizeOf(shape.slice(0, -3));
  return { images: reshapeTo(emit, x, [n, c, h, w]), n, c, h, w };
}

export const pixelShuffle = defineLowering(aten.pixelShuffle, ({ self }, { upscale_factor: r }, emit, node) => {
  const { images, n, c, h, w } = imagesOf(emit, self);
  const to = node.results[0]!.type.shape;
  const depth = quotient(c, r * r);
  if (r === 1) return self;
  if (!inBlocks(self)) {
    const blocks = permuteBy(emit, reshapeTo(emit, images, [n, depth, r, r, h, w]), [0, 1, 4, 2, 5, 3]);
    return reshapeTo(emit, blocks, to);
  }
  // the kernel wants the channels of one pixel together, PyTorch the pixels of one channel
  const pixels = permuteBy(emit, reshapeTo(emit, images, [n, depth, r * r, h, w]), [0, 3, 4, 2, 1]);
  const space = emit(tfl.depthToSpace, { input: reshapeTo(emit, pixels, [n, h, w, c]) }, { block_size: r });
  return reshapeTo(emit, permuteBy(emit, space, [0, 3, 1, 2]), to);
});

export const pixelUnshuffle = defineLowering(aten.pixelUnshuffle, ({ self }, { downscale_factor: r }, emit, node) => {
  const { images, n, c, h, w } = imagesOf(emit, self);
  const to = node.results[0]!.type.shape;
  if (r === 1) return self;
  const [high, wide] = [quotient(h, r), quotient(w, r)];
  if (!inBlocks(self)) {
    const blocks = permuteBy(emit, reshapeTo(emit, images, [n, c, high, r, wide, r]), [0, 1, 3, 5, 2, 4]);
    return reshapeTo(emit, blocks, to);
  }
  const depth = emit(tfl.spaceToDepth, { input: permuteBy(emit, images, [0, 2, 3, 1]) }, { block_size: r });
  const channels = permuteBy(emit, reshapeTo(emit, depth, [n, high, wide, r * r, c]), [0, 4, 3, 1, 2]);
  return reshapeTo(emit, channels, to);
});

const shuffling = (
  { self }: { readonly self: Value },
  { groups }: { readonly groups: Dim },
  emit: Emit,
  _: Node<any>,
): Value => {
  const [n, c, ...rest] = self.type.shape as [Dim, Dim, ...Dim[]];
  const apart = reshapeTo(emit, self, [n, groups, quotient(c, groups), ...rest]);
  return reshapeTo(emit, permuteBy(emit, apart, [0, 2, 1, ...rest.map((_, i) => i + 3)]), self.type.shape);
};
export const channelShuffle = defineLowering(aten.channelShuffle, shuffling);
export const nativeChannelShuffle = defineLowering(aten.nativeChannelShuffle, shuffling);
