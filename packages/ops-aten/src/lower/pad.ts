import { tfl } from "@tflower/backend-tflite";
import {
  addDim,
  type Dim,
  type DimExpr,
  defineLowering,
  type Emit,
  i32Data,
  isStatic,
  type Rejection,
  reject,
  type Scalar,
  subDim,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/pad.ts";
import { cropped, type Margin, overAxes, padded } from "../emit/padding.ts";
import { castTo, concatAxis, sliceAxis } from "../emit/rearrange.ts";
import { axisPaddings, type PadMode, paddedPlaces } from "../semantics/padding.ts";
import { scalarTensor } from "../semantics/scalar.ts";

interface Self {
  readonly self: Value;
}

function padConstant(emit: Emit, self: Value, margins: readonly Margin[], value: Scalar | DimExpr): Value | Rejection {
  if (typeof value === "object" && "terms" in value) return reject("pads with a number that is computed");
  const fill = scalarTensor(value, self.type.dtype);
  const isZero = Array.from(fill.data, Number).every((v) => Object.is(v, 0));
  return padded(emit, self, margins, isZero ? undefined : emit.constant(fill));
}

/** Each axis by itself: what the axis becomes is not yet seen by the others, and corners come out right all the same. */
const axisByAxis = (
  x: Value,
  margins: readonly Margin[],
  pad: (x: Value, axis: number, margin: Margin) => Value,
): Value => margins.reduce((v, margin, axis) => (margin[0] === 0 && margin[1] === 0 ? v : pad(v, axis, margin)), x);

function padCircular(emit: Emit, x: Value, margins: readonly Margin[]): Value {
  return axisByAxis(x, margins, (v, axis, [before, after]) => {
    const extent = v.type.shape[axis]!;
    const tail = before === 0 ? [] : [sliceAxis(emit, v, axis, subDim(extent, before), before)];
    const head = after === 0 ? [] : [sliceAxis(emit, v, axis, 0, after)];
    return concatAxis(emit, [...tail, v, ...head], axis);
  });
}

/** Each place of padded axes taken from where it comes from. */
function gathered(emit: Emit, x: Value, margins: readonly Margin[], mode: PadMode): Value | Rejection {
  if (
    margins.some((m, i) => m.some((p) => p !== 0) && !(isStatic(m[0]) && isStatic(m[1]) && isStatic(x.type.shape[i]!)))
  )
    return reject(`pads in mode "${mode}" need static extents where some of them take away`);
  return axisByAxis(x, margins, (v, axis, margin) => {
    const places = paddedPlaces(v.type.shape[axis] as number, margin as readonly [number, number], mode);
    return emit(tfl.gather, { params: v, indices: emit.constant(i32Data(places)) }, { axis });
  });
}

/** Edge elements over and over. One beyond each edge is what mirroring gives. */
function padReplicate(emit: Emit, x: Value, margins: readonly Margin[]): Value | Rejection {
  if (margins.every((m) => m.every((p) => p === 0 || p === 1))) return mirrored(emit, x, margins, "SYMMETRIC");
  if (margins.some(([a, b]) => !isStatic(a) || !isStatic(b)))
    return reject("edges are replicated a static number of times");
  if (margins.every((m, i) => isStatic(x.type.shape[i]!) || m.every((p) => p === 0)))
    return gathered(emit, x, margins, "replicate");
  return axisByAxis(x, margins, (v, axis, [before, after]) => {
    const first = sliceAxis(emit, v, axis, 0, 1);
    const last = sliceAxis(emit, v, axis, addDim(v.type.shape[axis]!, -1), 1);
    return concatAxis(
      emit,
      [...new Array<Value>(before as number).fill(first), v, ...new Array<Value>(after as number).fill(last)],
      axis,
    );
  });
}

function mirrored(emit: Emit, x: Value, margins: readonly Margin[], mode: "REFLECT" | "SYMMETRIC"): Value {
  const wide = x.type.dtype === "bool" ? castTo(emit, x, "i32") : x;
  return castTo(
    emit,
    overAxes(emit, wide, margins, (v, parts) => emit(tfl.mirrorPad, { input: v }, { paddings: parts.flat(), mode })),
    x.type.dtype,
  );
}

function pad(
  emit: Emit,
  self: Value,
  pads: readonly Dim[],
  mode: PadMode,
  value: Scalar | DimExpr = 0n,
): Value | Rejection {
  const margins: Margin[] = axisPaddings(pads, self.type.shape.length);
  if (mode === "constant") return padConstant(emit, self, margins, value);
  const takes = margins.some((m) => m.some((p) => isStatic(p) && p < 0));
  const empty = margins.some(([a, b], i) => {
    const extent = self.type.shape[i]!;
    return isStatic(a) && isStatic(b) && isStatic(extent) && a + b + extent <= 0;
  });
  if (empty) return gathered(emit, self, margins, mode);
  if (mode === "circular") {
    const nothing = margins.some(([a, b], i) => {
      const extent = self.type.shape[i]!;
      return (
        [a, b, extent].every(isStatic) && (extent as number) + Math.min(a as number, 0) + Math.min(b as number, 0) <= 0
      );
    });
    if (nothing)
      return reject("takes everything away, and then wraps what is left: PyTorch gives out memory that nobody wrote");
    const added = margins.map(([a, b]): Margin => [isStatic(a) ? Math.max(a, 0) : a, isStatic(b) ? Math.max(b, 0) : b]);
    return padCircular(emit, cropped(emit, self, margins), added);
  }
  if (takes) return gathered(emit, self, margins, mode);
  if (margins.every((m) => m.every((p) => p === 0))) return self;
  return mode === "replicate" ? padReplicate(emit, self, margins) : mirrored(emit, self, margins, "REFLECT");
}
const inMode =
  (mode: PadMode) =>
  ({ self }: Self, a: { readonly padding: readonly Dim[] }, emit: Emit): Value | Rejection =>
    pad(emit, self, a.padding, mode);

export const reflectionPad1d = defineLowering(aten.reflectionPad1d, inMode("reflect"));
export const reflectionPad2d = defineLowering(aten.reflectionPad2d, inMode("reflect"));
export const reflectionPad3d = defineLowering(aten.reflectionPad3d, inMode("reflect"));
export const replicationPad1d = defineLowering(aten.replicationPad1d, inMode("replicate"));
export const replicationPad2d = defineLowering(aten.replicationPad2d, inMode("replicate"));
export const replicationPad3d = defineLowering(aten.replicationPad3d, inMode("replicate"));
export const constantPadNd = defineLowering(aten.constantPadNd, ({ self }, a, emit) =>
  pad(emit, self, a.pad, "constant", a.value),
);
export const padOp = defineLowering(aten.padOp, ({ self }, a, emit) => pad(emit, self, a.pad, a.mode, a.value));
export const padCircularOp = defineLowering(aten.padCircular, ({ self }, a, emit) =>
  pad(emit, self, a.pad, "circular"),
);
export const padEnum = defineLowering(aten.padEnum, ({ self }, a, emit) =>
  pad(emit, self, a.pad, aten.enumeratedModes[a.mode]!, a.value),
);
