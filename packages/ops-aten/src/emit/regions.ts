import { tfl } from "@tflower/backend-tflite";
import { type Dim, type Emit, mulDim, sizeOf, tensorData, type Value } from "@tflower/core";
import { numberLike, toBool } from "./compute.ts";
import { add, mul, sub, times } from "./pointwise.ts";
import { castTo, reshapeTo, sliceAxis } from "./rearrange.ts";

/** How regions are sampled. */
export interface RegionSampling {
  readonly bins: readonly [number, number];
  readonly scale: number;
  /** Taken off corners, after scaling. */
  readonly offset: number;
  /** Regions are at least this large. */
  readonly least: number | undefined;
  /** Samples along each axis of a bin. */
  readonly samples: number;
}

/** The two elements around samples along one axis, `[K, bins]`, and their weights. */
interface Sides {
  readonly low: Value;
  readonly high: Value;
  readonly fromLow: Value;
  readonly fromHigh: Value;
}
function sidesOf(emit: Emit, at: Value, extent: number): Sides {
  // what is further out than one element is zero
  const within = (op: typeof tfl.greaterEqual, limit: number): Value =>
    emit(op as typeof tfl.greaterEqual, { lhs: at, rhs: numberLike(emit, at, limit) });
  const seen = castTo(
    emit,
    toBool(
      emit,
      emit(tfl.logicalAnd, {
        lhs: within(tfl.greaterEqual, -1),
        rhs: within(tfl.lessEqual as unknown as typeof tfl.greaterEqual, extent),
      }),
    ),
    "f32",
  );
  const clamped = emit(tfl.minimum, {
    lhs: emit(tfl.maximum, { lhs: at, rhs: numberLike(emit, at, 0) }),
    rhs: numberLike(emit, at, extent - 1),
  });
  const floor = emit(tfl.floor, { input: clamped });
  const fromHigh = mul(emit, sub(emit, clamped, floor), seen);
  const index = (v: Value): Value => {
    const i = castTo(emit, v, "i32");
    return emit(tfl.minimum, {
      lhs: emit(tfl.maximum, { lhs: i, rhs: numberLike(emit, i, 0) }),
      rhs: numberLike(emit, i, extent - 1),
    });
  };
  const low = index(floor);
  const one = numberLike(emit, low, 1);
  const high = emit(tfl.minimum, { lhs: add(emit, low, one), rhs: numberLike(emit, low, extent - 1) });
  return { low, high, fromLow: sub(emit, seen, fromHigh), fromHigh };
}

/** Samples number `k` of all bins along one axis, `[K, bins]`. */
function sampleLine(emit: Emit, start: Value, size: Value, bins: number, k: number, samples: number): Value {
  const steps = emit.constant(
    tensorData(
      "f32",
      [1, bins],
      Array.from({ length: bins }, (_, i) => (i + (k + 0.5) / samples) / bins),
    ),
  );
  return add(emit, start, mul(emit, size, steps));
}

/** Column `i` of regions `[K, 5]`, as `[K, 1]`. */
const column = (emit: Emit, rois: Value, i: number): Value => sliceAxis(emit, rois, 1, i, 1);

/**
 * Means of samples in the bins of regions `[batch, x1, y1, x2, y2]`: `[K, bins, bins, C]`. `rows` holds images as rows of channels,
 * `planes` of them per image; `planeOf` gives the plane of each bin, as `[1, bins, bins]`.
 */
export function sampleRegions(
  emit: Emit,
  rows: Value,
  rois: Value,
  [height, width]: readonly [number, number],
  planes: number,
  planeOf: Value | undefined,
  s: RegionSampling,
): Value {
  const count = rois.type.shape[0]!;
  const [bh, bw] = s.bins;
  const corner = (i: number): Value => {
    const v = times(emit, column(emit, rois, i), s.scale);
    return s.offset ? sub(emit, v, numberLike(emit, v, s.offset)) : v;
  };
  const [x1, y1, x2, y2] = [corner(1), corner(2), corner(3), corner(4)];
  const size = (a: Value, b: Value): Value => {
    const d = sub(emit, b, a);
    return s.least === undefined ? d : emit(tfl.maximum, { lhs: d, rhs: numberLike(emit, d, s.least) });
  };
  const [tall, wide] = [size(y1, y2), size(x1, x2)];
  const image = reshapeTo(emit, castTo(emit, column(emit, rois, 0), "i32"), [count, 1, 1]);
  const first = mul(emit, image, numberLike(emit, image, planes));
  const plane = planeOf ? add(emit, first, planeOf) : first;
  const base = mul(emit, plane, numberLike(emit, plane, height * width));
  const down = (v: Value): Value => reshapeTo(emit, v, [count, bh, 1]);
  const across = (v: Value): Value => reshapeTo(emit, v, [count, 1, bw]);
  const last = rows.type.shape[1]!;
  const flat: Dim = mulDim(count, bh * bw);
  let sum: Value | undefined;
  for (let i = 0; i < s.samples; i++)
    for (let j = 0; j < s.samples; j++) {
      const y = sidesOf(emit, sampleLine(emit, y1, tall, bh, i, s.samples), height);
      const x = sidesOf(emit, sampleLine(emit, x1, wide, bw, j, s.samples), width);
      for (const [row, wy] of [
        [y.low, y.fromLow],
        [y.high, y.fromHigh],
      ] as const)
        for (const [col, wx] of [
          [x.low, x.fromLow],
          [x.high, x.fromHigh],
        ] as const) {
          const inPlane = add(emit, down(mul(emit, row, numberLike(emit, row, width))), across(col));
          const at = reshapeTo(emit, add(emit, base, inPlane), [flat]);
          const weight = reshapeTo(emit, mul(emit, down(wy), across(wx)), [flat, 1]);
          const part = mul(emit, emit(tfl.gather, { params: rows, indices: at }, { axis: 0 }), weight);
          sum = sum ? add(emit, sum, part) : part;
        }
    }
  return reshapeTo(emit, times(emit, sum!, 1 / (s.samples * s.samples)), [count, bh, bw, last]);
}

/** `[N, C, H, W]` as rows of channels, one for each pixel. */
export const pixelRows = (emit: Emit, images: Value): Value => {
  const [n, c, h, w] = images.type.shape as [Dim, Dim, Dim, Dim];
  return reshapeTo(emit, emit(tfl.transpose, { input: images }, { perm: [0, 2, 3, 1] }), [sizeOf([n, h, w]), c]);
};
