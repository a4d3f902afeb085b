import { tfl } from "@tflower/backend-tflite";
import { type Dim, defineLowering, reject } from "@tflower/core";
import { aten } from "@tflower/ops-aten";

const pair = (v: readonly Dim[]): readonly [number, number] => [v[0] as number, (v[1] ?? v[0]) as number];

/**
 * A lowering of `aten.conv2d` for plain convolutions, as one might write it on a first day. `swapped` plants the bug that most layout
 * code has had once: the paddings of the two axes change places. With square paddings it cannot be seen.
 */
export const plainConv2d = (swapped: boolean) =>
  defineLowering(
    aten.conv2d,
    ({ input, weight, bias }, { stride, padding, dilation, groups }, emit) => {
      if (groups !== 1 || input.type.shape.length !== 4 || input.type.dtype !== "f32")
        return reject("only plain float32 convolutions of images");
      const [strideH, strideW] = pair(stride);
      const [dilationH, dilationW] = pair(dilation);
      const [ph, pw] = pair(padding);
      const [padH, padW] = swapped ? [pw, ph] : [ph, pw];
      const image = emit(tfl.transpose, { input }, { perm: [0, 2, 3, 1] });
      const framed = emit(tfl.pad, { input: image }, { paddings: [0, 0, padH, padH, padW, padW, 0, 0] });
      const filter = emit(tfl.transpose, { input: weight }, { perm: [0, 2, 3, 1] });
      const attrs = {
        stride_h: strideH,
        stride_w: strideW,
        dilation_h_factor: dilationH,
        dilation_w_factor: dilationW,
      };
      return emit(
        tfl.transpose,
        { input: emit(tfl.conv2d, { input: framed, filter, bias }, attrs) },
        { perm: [0, 3, 1, 2] },
      );
    },
    { name: swapped ? "swapped-paddings" : "plain" },
  );
