import { defineLowering } from "@tflower/core";
import { assertTensorMetadata as op } from "../dialect/asserts.ts";

/** Types are checked when a program is read. */
export const assertTensorMetadata = defineLowering(op, () => []);
