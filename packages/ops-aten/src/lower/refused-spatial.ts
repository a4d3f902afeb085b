import { defineLowering, type Rejection, reject } from "@tflower/core";
import * as fractional from "../dialect/fractional-pooling.ts";
import * as aten from "../dialect/packed-sequence.ts";

const packed = (): Rejection =>
  reject("how many steps a packed sequence has depends on data: keep the sequences padded");
export const packPaddedSequence = defineLowering(aten.packPaddedSequence, packed);
export const padPackedSequence = defineLowering(aten.padPackedSequence, packed);

const drawn = (): Rejection => reject("the places of the windows are random, and differ from run to run");
export const fractionalMaxPool2d = defineLowering(fractional.fractionalMaxPool2d, drawn);
export const fractionalMaxPool3d = defineLowering(fractional.fractionalMaxPool3d, drawn);
