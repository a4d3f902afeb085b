import { defineLowering } from "@tflower/core";
import * as aten from "../dialect/item.ts";
import { reshapeTo } from "../emit/rearrange.ts";

export const localScalarDense = defineLowering(aten.localScalarDense, ({ self }, _, emit) => reshapeTo(emit, self, []));
export const item = defineLowering(aten.item, ({ self }, _, emit) => reshapeTo(emit, self, []));
