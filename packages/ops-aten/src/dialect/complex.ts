import {
  allocate,
  countOf,
  invalid,
  isComplex,
  isFloat,
  type NumberCarrier,
  showType,
  type TensorData,
  type TensorType,
  tensor,
  type Value,
  withShape,
  wrap,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import type { OpApplication, WriteBack } from "../schema/traits.ts";
import { complexOf, fromParts, partOf, partsOf, realPartOf } from "../semantics/complex-data.ts";
import { broadcastType } from "../semantics/pointwise.ts";
import { pairType } from "../semantics/result-types.ts";
import { broadcasted } from "../semantics/views.ts";

interface Self<T> {
  readonly self: T;
}
const realType = ({ self }: Self<TensorType>): TensorType => tensor(partOf(self.dtype), self.shape);
function needComplex(t: TensorType): void {
  if (!isComplex(t.dtype)) invalid(`takes complex elements, got ${showType(t)}`);
}

/** Complex numbers as pairs along a new last axis: the carrier holds them so. */
const asReal = {
  infer({ self }: Self<TensorType>): TensorType {
    needComplex(self);
    return tensor(partOf(self.dtype), [...self.shape, 2]);
  },
  evaluate: ({ self }: Self<TensorData>): TensorData =>
    wrap(tensor(partOf(self.type.dtype), [...self.type.shape, 2]), self.data),
};
const asComplex = {
  infer({ self }: Self<TensorType>): TensorType {
    if (!isFloat(self.dtype) || self.shape.at(-1) !== 2)
      invalid(`takes floats in pairs along the last axis, got ${showType(self)}`);
    return tensor(complexOf(self.dtype), self.shape.slice(0, -1));
  },
  evaluate: ({ self }: Self<TensorData>): TensorData =>
    wrap(tensor(complexOf(self.type.dtype), self.type.shape.slice(0, -1)), self.data),
};
export const viewAsComplexCopy = defineAten("view_as_complex_copy(Tensor self) -> Tensor", {
  summary: "`view_as_complex` that copies.",
  ...asComplex,
});
export const viewAsRealCopy = defineAten("view_as_real_copy(Tensor self) -> Tensor", {
  summary: "`view_as_real` that copies.",
  ...asReal,
});
export const viewAsReal = defineAten("view_as_real(Tensor(a) self) -> Tensor(a)", {
  summary: "Complex numbers as pairs along a new last axis.",
  ...asReal,
  traits: { writeBack: ({ written, emit }: WriteBack) => emit(viewAsComplexCopy, { self: written }) },
});
export const viewAsComplex = defineAten("view_as_complex(Tensor(a) self) -> Tensor(a)", {
  summary: "Pairs along the last axis as complex numbers.",
  ...asComplex,
  traits: { writeBack: ({ written, emit }: WriteBack) => emit(viewAsRealCopy, { self: written }) },
});

interface TwoParts<T> {
  readonly a: T;
  readonly b: T;
}
/** `f` gives real and imaginary part from two real tensors, broadcast. */
function joined({ a, b }: TwoParts<TensorData>, f: (a: number, b: number) => readonly [number, number]): TensorData {
  const full = broadcastType(a.type, [a, b]);
  const [x, y] = [a, b].map((t) => partsOf(broadcasted(t, full.shape)).re) as [Float64Array, Float64Array];
  const pairs = Array.from(x, (v, i) => f(v, y[i]!));
  return fromParts(
    { shape: full.shape, re: Float64Array.from(pairs, (p) => p[0]), im: Float64Array.from(pairs, (p) => p[1]) },
    complexOf(a.type.dtype),
  );
}
function joinedType({ a, b }: TwoParts<TensorType>): TensorType {
  if (!isFloat(a.dtype) || a.dtype !== b.dtype)
    invalid(`takes floats of one dtype, got ${showType(a)} and ${showType(b)}`);
  return tensor(complexOf(a.dtype), pairType({ self: a, other: b }).shape);
}
export const complex = defineAten("complex(Tensor real, Tensor imag) -> Tensor", {
  summary: "Complex numbers from their parts.",
  infer: ({ real, imag }) => joinedType({ a: real, b: imag }),
  evaluate: ({ real, imag }) => joined({ a: real, b: imag }, (re, im) => [re, im]),
});
export const polar = defineAten("polar(Tensor abs, Tensor angle) -> Tensor", {
  summary: "Complex numbers from absolute values and angles.",
  infer: ({ abs, angle }) => joinedType({ a: abs, b: angle }),
  evaluate: ({ abs, angle }) => joined({ a: abs, b: angle }, (r, phi) => [r * Math.cos(phi), r * Math.sin(phi)]),
});

/** One number from each complex one. */
function measured(self: TensorData, f: (re: number, im: number) => number): TensorData {
  const { shape, re, im } = partsOf(self);
  return fromParts({ shape, re: re.map((v, i) => f(v, im[i]!)), im }, realPartOf(self.type.dtype));
}
export const real = defineAten("real(Tensor(a) self) -> Tensor(a)", {
  summary: "Real parts; real numbers are their own.",
  infer: realType,
  evaluate: ({ self }) => (isComplex(self.type.dtype) ? measured(self, (re) => re) : self),
  traits: {
    writeBack: ({ base, written, emit }: WriteBack): Value =>
      isComplex(base.type.dtype) ? emit(complex, { real: written, imag: emit(imag, { self: base }) }) : written,
  },
});
export const imag = defineAten("imag(Tensor(a) self) -> Tensor(a)", {
  summary: "Imaginary parts.",
  infer({ self }) {
    needComplex(self);
    return realType({ self });
  },
  evaluate: ({ self }) => measured(self, (_, im) => im),
  traits: {
    writeBack: ({ base, written, emit }: WriteBack): Value =>
      emit(complex, { real: emit(real, { self: base }), imag: written }),
  },
});
export const angle = defineAten("angle(Tensor self) -> Tensor", {
  summary: "Angles of complex numbers; of real ones zero, or pi below zero.",
  traits: { elementwise: true },
  infer: ({ self }) => tensor(realPartOf(self.dtype), self.shape),
  evaluate({ self }) {
    if (isComplex(self.type.dtype)) return measured(self, (re, im) => Math.atan2(im, re));
    return measured(self, (v) => (v < 0 ? Math.PI : Number.isNaN(v) ? v : 0));
  },
});

/** Imaginary parts with the other sign. */
function conjugated(self: TensorData): TensorData {
  if (!isComplex(self.type.dtype)) return self;
  const out = allocate(self.type.dtype, countOf(self.type.shape)) as NumberCarrier;
  for (let i = 0; i < out.length; i++) out[i] = i % 2 === 0 ? (self.data[i] as number) : -(self.data[i] as number);
  return wrap(self.type, out);
}
const conjugating = {
  infer: ({ self }: Self<TensorType>): TensorType => withShape(self, self.shape),
  evaluate: ({ self }: Self<TensorData>): TensorData => conjugated(self),
};
// real numbers come back as they are, though the schema does not say so
const realIsSame = {
  elementwise: true,
  view: { operand: "self" },
  sharesMemory: ({ types }: OpApplication) => !isComplex((types["self"] as TensorType).dtype),
  writeBack: ({ written }: WriteBack) => written,
} as const;
export const conjPhysical = defineAten("conj_physical(Tensor self) -> Tensor", {
  summary: "Complex conjugate; real numbers are their own.",
  traits: realIsSame,
  ...conjugating,
});
const traits = { writeBack: ({ written, emit }: WriteBack) => emit(conjPhysical, { self: written }) };
export const conj = defineAten("conj(Tensor(a) self) -> Tensor(a)", {
  summary: "Complex conjugate; real numbers are their own.",
  traits,
  ...conjugating,
});
export const _conj = defineAten("_conj(Tensor(a) self) -> Tensor(a)", {
  summary: "`conj` in core ATen.",
  traits,
  ...conjugating,
});
export const _conjCopy = defineAten("_conj_copy(Tensor self) -> Tensor", {
  summary: "`conj` that copies.",
  ...conjugating,
});
export const _conjPhysical = defineAten("_conj_physical(Tensor self) -> Tensor", {
  summary: "`conj_physical` in core ATen.",
  ...conjugating,
});
