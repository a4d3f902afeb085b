import { defineRefusal } from "@tflower/core";
import * as fractional from "../dialect/fractional-pooling.ts";
import * as aten from "../dialect/packed-sequence.ts";

const packed = "how many steps a packed sequence has depends on data: keep the sequences padded";
export const packPaddedSequence = defineRefusal(aten.packPaddedSequence, packed);
export const padPackedSequence = defineRefusal(aten.padPackedSequence, packed);

const drawn = "the places of the windows are random, and differ from run to run";
export const fractionalMaxPool2d = defineRefusal(fractional.fractionalMaxPool2d, drawn);
export const fractionalMaxPool3d = defineRefusal(fractional.fractionalMaxPool3d, drawn);
