import {
  allocate,
  type Dim,
  invalid,
  isStatic,
  type NumberCarrier,
  numbersOf,
  roundTo,
  showType,
  staticShape,
  type TensorData,
  type TensorType,
  tensor,
  tensorData,
  wrap,
} from "@tflower/core";

/** How regions `[batch, x1, y1, x2, y2]` are cut into bins. */
export interface RegionAttrs {
  readonly spatial_scale: number;
  readonly pooled_height: Dim;
  readonly pooled_width: Dim;
}
export interface AlignAttrs extends RegionAttrs {
  /** Samples along each axis of a bin; none: as many as there are elements under it. */
  readonly sampling_ratio: number;
  readonly aligned: boolean;
}
interface Of<T> {
  readonly input: T;
  readonly rois: T;
}

/** Result type of cutting regions out; `perBin` when every bin has channels of its own. */
export function regionType({ input, rois }: Of<TensorType>, a: RegionAttrs, perBin: boolean): TensorType {
  if (input.shape.length !== 4 || rois.shape.length !== 2 || rois.shape[1] !== 5)
    invalid(`takes images and regions [K,5], got ${showType(input)} and ${showType(rois)}`);
  const [h, w] = [a.pooled_height, a.pooled_width];
  const channels = input.shape[1]!;
  if (!perBin) return tensor(input.dtype, [rois.shape[0]!, channels, h, w]);
  if (!isStatic(channels) || !isStatic(h) || !isStatic(w)) return invalid("needs static channels and bins");
  if (channels % (h * w) !== 0) invalid(`has ${channels} channels, which ${h} by ${w} bins do not divide`);
  return tensor(input.dtype, [rois.shape[0]!, channels / (h * w), h, w]);
}

/** A region in elements of the image: where it begins and how large its bins are. */
interface Region {
  readonly batch: number;
  readonly start: readonly [number, number];
  readonly bin: readonly [number, number];
  readonly size: readonly [number, number];
}
function regionAt(roi: ArrayLike<number>, k: number, a: RegionAttrs, offset: number, least: number): Region {
  const at = (i: number): number => roi[5 * k + i]! * a.spatial_scale - offset;
  const size = [Math.max(at(4) - at(2), least), Math.max(at(3) - at(1), least)] as const;
  return {
    batch: roi[5 * k]!,
    start: [at(2), at(1)],
    size,
    bin: [size[0] / (a.pooled_height as number), size[1] / (a.pooled_width as number)],
  };
}

/** Between pixels; what is further out than one element is zero. */
function interpolated(
  plane: (y: number, x: number) => number,
  [y, x]: readonly [number, number],
  [height, width]: readonly [number, number],
): number {
  if (y < -1 || y > height || x < -1 || x > width) return 0;
  const side = (v: number, extent: number): readonly [number, number, number] => {
    const at = Math.max(v, 0);
    const low = Math.min(Math.floor(at), extent - 1);
    return low === extent - 1 ? [low, low, 0] : [low, low + 1, at - low];
  };
  const [y0, y1, ly] = side(y, height);
  const [x0, x1, lx] = side(x, width);
  return (
    (1 - ly) * ((1 - lx) * plane(y0, x0) + lx * plane(y0, x1)) + ly * ((1 - lx) * plane(y1, x0) + lx * plane(y1, x1))
  );
}

/** Calls `value` for each element of the result. */
function eachBin(type: TensorType, value: (k: number, c: number, ph: number, pw: number) => number): TensorData {
  const [count, channels, ph, pw] = staticShape(type.shape) as [number, number, number, number];
  const out = allocate(type.dtype, count * channels * ph * pw) as NumberCarrier;
  const round = roundTo(type.dtype);
  let at = 0;
  for (let k = 0; k < count; k++)
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < ph; i++)
        for (let j = 0; j < pw; j++) {
          const v = value(k, c, i, j);
          out[at++] = round ? round(v) : v;
        }
  return wrap(type, out);
}

/** Means of samples in each bin. */
export function regionsAligned({ input, rois }: Of<TensorData>, a: AlignAttrs, perBin: boolean): TensorData {
  const [, channels, height, width] = input.type.shape as readonly number[] as [number, number, number, number];
  const type = regionType({ input: input.type, rois: rois.type }, a, perBin);
  const [x, roi] = [numbersOf(input), numbersOf(rois)];
  const [ph, pw] = [a.pooled_height as number, a.pooled_width as number];
  return eachBin(type, (k, c, i, j) => {
    const r = regionAt(roi, k, a, perBin || a.aligned ? 0.5 : 0, perBin || a.aligned ? -Infinity : 1);
    const channel = perBin ? (c * ph + i) * pw + j : c;
    const plane = (y: number, u: number): number => x[((r.batch * channels + channel) * height + y) * width + u]!;
    const [ny, nx] = r.size.map((s, d) => (a.sampling_ratio > 0 ? a.sampling_ratio : Math.ceil(s / [ph, pw][d]!))) as [
      number,
      number,
    ];
    let sum = 0;
    for (let sy = 0; sy < ny; sy++)
      for (let sx = 0; sx < nx; sx++) {
        const y = r.start[0] + i * r.bin[0] + ((sy + 0.5) * r.bin[0]) / ny;
        const u = r.start[1] + j * r.bin[1] + ((sx + 0.5) * r.bin[1]) / nx;
        sum += interpolated(plane, [y, u], [height, width]);
      }
    return sum / Math.max(ny * nx, 1);
  });
}

/** Which channel of the input each element of a position-sensitive result comes from. */
export function channelMapping(type: TensorType): TensorData {
  const [count, channels, ph, pw] = staticShape(type.shape) as [number, number, number, number];
  return tensorData(
    "i32",
    [count, channels, ph, pw],
    Array.from({ length: count * channels * ph * pw }, (_, i) => i % (channels * ph * pw)),
  );
}

/** Elements under a bin of a region whose corners are rounded to elements. */
function wholeBin(
  roi: ArrayLike<number>,
  k: number,
  a: RegionAttrs,
  bin: readonly [number, number],
  extents: readonly [number, number],
  exclusive: boolean,
): readonly [number, number][] {
  const pooled = [a.pooled_height as number, a.pooled_width as number];
  return [0, 1].map((d) => {
    const [from, to] = [roi[5 * k + 2 - d]!, roi[5 * k + 4 - d]!].map((v) => roundHalfAway(v * a.spatial_scale)) as [
      number,
      number,
    ];
    const size = exclusive ? Math.max(to - from, 1) : Math.max(to - from + 1, 1);
    const step = size / pooled[d]!;
    const clip = (v: number): number => Math.min(Math.max(v + from, 0), extents[d]!);
    return [clip(Math.floor(bin[d]! * step)), clip(Math.ceil((bin[d]! + 1) * step))] as [number, number];
  });
}
const roundHalfAway = (v: number): number => Math.sign(v) * Math.floor(Math.abs(v) + 0.5);

/** The largest element of each bin and its position in the plane; zero and -1 for an empty bin. */
export function regionsPooled({ input, rois }: Of<TensorData>, a: RegionAttrs): [TensorData, TensorData] {
  const [, channels, height, width] = input.type.shape as readonly number[] as [number, number, number, number];
  const type = regionType({ input: input.type, rois: rois.type }, a, false);
  const [x, roi] = [numbersOf(input), numbersOf(rois)];
  const best = (k: number, c: number, i: number, j: number): readonly [number, number] => {
    const [rows, columns] = wholeBin(roi, k, a, [i, j], [height, width], false) as [[number, number], [number, number]];
    let [value, at] = [rows[0] < rows[1] && columns[0] < columns[1] ? -Infinity : 0, -1];
    for (let y = rows[0]; y < rows[1]; y++)
      for (let u = columns[0]; u < columns[1]; u++) {
        const v = x[((roi[5 * k]! * channels + c) * height + y) * width + u]!;
        if (v > value) [value, at] = [v, y * width + u];
      }
    return [value, at];
  };
  return [eachBin(type, (...p) => best(...p)[0]), eachBin(tensor("i32", type.shape), (...p) => best(...p)[1])];
}
/** The mean of each bin over channels of its own; zero for an empty bin. */
export function regionsAveraged({ input, rois }: Of<TensorData>, a: RegionAttrs): TensorData {
  const [, channels, height, width] = input.type.shape as readonly number[] as [number, number, number, number];
  const type = regionType({ input: input.type, rois: rois.type }, a, true);
  const [x, roi] = [numbersOf(input), numbersOf(rois)];
  return eachBin(type, (k, c, i, j) => {
    const [rows, columns] = wholeBin(roi, k, a, [i, j], [height, width], true) as [[number, number], [number, number]];
    const channel = (c * (a.pooled_height as number) + i) * (a.pooled_width as number) + j;
    let sum = 0;
    for (let y = rows[0]; y < rows[1]; y++)
      for (let u = columns[0]; u < columns[1]; u++)
        sum += x[((roi[5 * k]! * channels + channel) * height + y) * width + u]!;
    const area = (rows[1] - rows[0]) * (columns[1] - columns[0]);
    return rows[1] > rows[0] && columns[1] > columns[0] ? sum / area : 0;
  });
}
