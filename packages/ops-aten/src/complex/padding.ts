import type { OpDef } from "@tflower/core";
import * as pad from "../dialect/pad.ts";
import { isComplexNumber } from "../semantics/scalar.ts";
import { pairOf } from "./numbers.ts";
import { type ComplexRule, complexRule } from "./rule.ts";

/** The number that is put in is that of the real part; a complex one gives each part its own. */
const filled = (op: OpDef): ComplexRule =>
  complexRule(op as unknown as typeof pad.constantPadNd, ({ self }, attrs, emit) => {
    const { re, im } = pairOf(emit, self);
    const value = attrs.value ?? 0;
    const own = isComplexNumber(value) ? value : { re: value, im: 0 };
    return {
      re: emit(op as unknown as typeof pad.constantPadNd, { self: re }, { ...attrs, value: own.re }),
      im: emit(op as unknown as typeof pad.constantPadNd, { self: im }, { ...attrs, value: own.im }),
    };
  });
const moved = (op: OpDef): ComplexRule =>
  complexRule(op as unknown as typeof pad.reflectionPad1d, ({ self }, attrs, emit) => {
    const { re, im } = pairOf(emit, self);
    const one = (v: typeof re) => emit(op as unknown as typeof pad.reflectionPad1d, { self: v }, attrs);
    return { re: one(re), im: one(im) };
  });

/** Padding pads each part. */
export const paddingRules: readonly ComplexRule[] = [
  ...[pad.constantPadNd, pad.padOp, pad.padEnum].map((op) => filled(op as unknown as OpDef)),
  ...[
    pad.padCircular,
    pad.reflectionPad1d,
    pad.reflectionPad2d,
    pad.reflectionPad3d,
    pad.replicationPad1d,
    pad.replicationPad2d,
    pad.replicationPad3d,
  ].map((op) => moved(op as unknown as OpDef)),
];
