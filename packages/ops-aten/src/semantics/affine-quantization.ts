import {
  allocate,
  type Carrier,
  countOf,
  type Dim,
  type DType,
  divideExactly,
  invalid,
  isFloat,
  numbersOf,
  sameDim,
  showType,
  sizeOf,
  staticShape,
  type TensorData,
  type TensorType,
  tensor,
  wrap,
} from "@tflower/core";
import { clampTo, roundHalfEven } from "./functions.ts";

/** Shapes in which a tensor and the scales of its parts broadcast. */
export interface Grouping {
  readonly tensor: readonly Dim[];
  readonly scales: readonly Dim[];
}
type Attrs = Readonly<Record<string, unknown>>;
type Scales = Pick<TensorType, "shape">;

/** How an op leads from reals to integers, or back: `real = scale * (integer - zero point)`. */
export interface Affine {
  readonly direction: "quantize" | "dequantize";
  readonly grouping: (input: TensorType, attrs: Attrs, scales: Scales) => Grouping;
  /** The zero point is added before rounding, which differs for ties. */
  readonly shiftsFirst?: boolean;
}

declare module "@tflower/core" {
  interface Traits {
    readonly affine?: Affine;
    /** Gives scale and zero point of all that it reads, or of each row, as {@link Affine} ops take them. */
    readonly choosesScales?: (input: TensorType, attrs: Attrs) => "tensor" | "row" | undefined;
  }
}

const ones = (n: number): number[] => new Array<number>(n).fill(1);
const fits = (what: string, scales: Scales, wanted: readonly Dim[], input: TensorType): void => {
  const [have, want] = [sizeOf(scales.shape), sizeOf(wanted)];
  if (typeof have === "number" && typeof want === "number" && have !== want)
    invalid(`takes ${String(want)} ${what} for ${showType(input)}, got ${String(have)}`);
};
const checked = (g: Grouping, scales: Scales, input: TensorType): Grouping => {
  fits("scales", scales, g.scales, input);
  return g;
};

/** One scale. */
export const ofTensor = (input: TensorType, _: Attrs = {}, scales: Scales = { shape: [] }): Grouping =>
  checked({ tensor: input.shape, scales: ones(input.shape.length) }, scales, input);
/** A scale for each index of an axis. */
export function ofChannels(input: TensorType, attrs: Attrs, scales: Scales): Grouping {
  const { length } = input.shape;
  const given = attrs["axis"] as number;
  if (given < -length || given >= length) invalid(`has no axis ${given} in ${showType(input)}`);
  const axis = given < 0 ? given + length : given;
  return checked({ tensor: input.shape, scales: input.shape.map((d, i) => (i === axis ? d : 1)) }, scales, input);
}
/** A scale for each row of the last axis. */
export const ofRows = (input: TensorType, _: Attrs, scales: Scales): Grouping =>
  checked(
    { tensor: input.shape, scales: input.shape.map((d, i) => (i === input.shape.length - 1 ? 1 : d)) },
    scales,
    input,
  );
/** A scale for each block: so many elements along each axis. */
export function ofBlocks(input: TensorType, block: readonly Dim[], scales?: Scales): Grouping {
  if (block.length !== input.shape.length)
    invalid(`takes a block size of ${input.shape.length} extents for ${showType(input)}, got ${block.length}`);
  const parts: Dim[] = [];
  const counts: Dim[] = [];
  input.shape.forEach((d, i) => {
    const b = block[i]!;
    if (sameDim(b, d)) {
      parts.push(d);
      counts.push(1);
    } else if (b === 1) {
      parts.push(d);
      counts.push(d);
    } else {
      const n = divideExactly(d, b) ?? invalid(`cuts ${showType(input)} into blocks of ${String(b)} along axis ${i}`);
      parts.push(n, b);
      counts.push(n, 1);
    }
  });
  const grouping = { tensor: parts, scales: counts };
  return scales ? checked(grouping, scales, input) : grouping;
}
/** A scale for each `group_size` elements of a row. */
export function ofGroups(input: TensorType, attrs: Attrs, scales: Scales): Grouping {
  if (input.shape.length !== 2) invalid(`takes a matrix, got ${showType(input)}`);
  const columns = input.shape[1]!;
  const given = attrs["group_size"] as number;
  const one = scales.shape.at(-1) === 1 && typeof columns === "number" && given > columns;
  return ofBlocks(input, [1, one ? columns : given], scales);
}

const range: Partial<Record<DType, readonly [number, number]>> = {
  u8: [0, 255],
  i8: [-128, 127],
  u16: [0, 65535],
  i16: [-32768, 32767],
  i32: [-(2 ** 31), 2 ** 31 - 1],
};
/** The integers that an op with these attributes gives, or stands for. */
export function codesOf(attrs: Attrs, dtype: DType): readonly [number, number] {
  const [low, high] = range[dtype] ?? invalid(`has no integers of ${dtype}`);
  return [Number(attrs["quant_min"] ?? low), Number(attrs["quant_max"] ?? high)];
}
/** Type of the integers. */
export function integerType(input: TensorType, attrs: Attrs, dtype: DType): TensorType {
  if (!isFloat(input.dtype)) invalid(`quantizes floats, got ${showType(input)}`);
  const [low, high] = range[dtype] ?? invalid(`quantizes to integers of 8, 16 or 32 bits, got ${dtype}`);
  const [least, most] = codesOf(attrs, dtype);
  if (least > most || least < low || most > high)
    invalid(`quantizes to ${least} ... ${most}, which is no range of ${dtype}`);
  return tensor(dtype, input.shape);
}

/** Calls `each` with every element and its scale, as places in the two. */
function walk(g: Grouping, each: (element: number, scale: number) => void): void {
  const shape = staticShape(g.tensor);
  const scales = staticShape(g.scales);
  const steps: number[] = [];
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    steps.unshift(scales[i] === 1 ? 0 : step);
    step *= scales[i]!;
  }
  const at = ones(shape.length).fill(0);
  const count = countOf(shape);
  for (let i = 0, s = 0; i < count; i++) {
    each(i, s);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at[axis]!++;
      s += steps[axis]!;
      if (at[axis]! < shape[axis]!) break;
      s -= steps[axis]! * shape[axis]!;
      at[axis] = 0;
    }
  }
}

/** Scale and zero points, which are attributes of some ops and tensors of others. */
export interface Parameters {
  readonly scales: ArrayLike<number>;
  readonly zeros: ArrayLike<number> | undefined;
  /** Whether scales are float64 tensors, so that PyTorch computes with those. */
  readonly double: boolean;
}
const listOf = (v: TensorData | number): ArrayLike<number> => (typeof v === "number" ? [v] : numbersOf(v));

/** Reads the parameters of an op from its operands and attributes. */
export function parametersOf(inputs: Readonly<Record<string, TensorData | undefined>>, attrs: Attrs): Parameters {
  const scale = inputs["scale"] ?? inputs["scales"] ?? (attrs["scale"] as number);
  const zero = inputs["zero_point"] ?? inputs["zero_points"] ?? (attrs["zero_point"] as number | undefined);
  const double = typeof scale !== "number" && scale.type.dtype === "f64" && scale.type.shape.length > 1;
  return { scales: listOf(scale), zeros: zero === undefined ? undefined : listOf(zero), double };
}

/** Integers of `x`: rounded to the nearest, ties to even, and clamped. */
export function quantizedBy(
  x: TensorData,
  g: Grouping,
  p: Parameters,
  [low, high]: readonly [number, number],
  dtype: DType,
  shiftsFirst = false,
): TensorData {
  const f = p.double ? (v: number): number => v : Math.fround;
  const from = numbersOf(x);
  const inverse = Float64Array.from(p.scales, (s) => f(1 / f(s)));
  const out = allocate(dtype, from.length) as Exclude<Carrier, BigInt64Array | BigUint64Array>;
  walk(g, (i, s) => {
    const zero = p.zeros?.[s] ?? 0;
    const scaled = f(from[i]! * inverse[s]!);
    const code = shiftsFirst ? roundHalfEven(f(scaled + zero)) : f(roundHalfEven(scaled) + zero);
    out[i] = clampTo(code, low, high);
  });
  return wrap(tensor(dtype, x.type.shape), out);
}

/** The reals that integers stand for. */
export function dequantizedBy(x: TensorData, g: Grouping, p: Parameters, dtype: DType): TensorData {
  const f = p.double ? (v: number): number => v : Math.fround;
  const from = numbersOf(x);
  const out = allocate(dtype, from.length) as Float32Array;
  walk(g, (i, s) => {
    out[i] = f(f(from[i]! - (p.zeros?.[s] ?? 0)) * f(p.scales[s]!));
  });
  return wrap(tensor(dtype, x.type.shape), out);
}

/** How scale and zero point follow from the least and the greatest element. */
export interface ScaleRule {
  /** As many integers on either side of zero. */
  readonly symmetric: boolean;
  readonly codes: readonly [number, number];
  readonly least: number;
  /** The zero point of symmetric integers. */
  readonly middle: number;
  /** The zero point is what errs least at either end, as XNNPACK has it, and not what the least element says. */
  readonly nearerEnd?: boolean;
}

/** Scale and zero point of each slice. */
export function scalesOf(
  x: TensorData,
  g: Grouping,
  { symmetric, codes: [low, high], least, middle, nearerEnd }: ScaleRule,
): { readonly scales: number[]; readonly zeros: number[] } {
  const f = Math.fround;
  const from = numbersOf(x);
  const count = countOf(staticShape(g.scales));
  const lowest = new Float32Array(count);
  const highest = new Float32Array(count);
  walk(g, (i, s) => {
    const v = from[i]!;
    if (v < lowest[s]!) lowest[s] = v;
    if (v > highest[s]!) highest[s] = v;
  });
  const scales: number[] = [];
  const zeros: number[] = [];
  for (let s = 0; s < count; s++) {
    const [min, max] = [lowest[s]!, highest[s]!];
    const wide = symmetric ? f(Math.max(-min, max) / ((high - low) / 2)) : f(f(max - min) / (high - low));
    const scale = Math.max(wide, f(least));
    scales.push(scale);
    if (symmetric) zeros.push(middle);
    else {
      const [down, up] = [f(min / scale), f(max / scale)];
      const zero = nearerEnd
        ? roundHalfEven(clampTo(f(low + down) + f(high + up) > 0 ? f(low - down) : f(high - up), low, high))
        : clampTo(low - roundHalfEven(down), low, high);
      zeros.push(zero === 0 ? 0 : zero);
    }
  }
  return { scales, zeros };
}
