import { defineLowering } from "@tflower/core";
import * as core from "../dialect/size.ts";
import { convertTo } from "../emit/convert.ts";

export const dim = defineLowering(core.dim, (_, { expr }, emit) => convertTo(emit, emit.dim(expr), "i64"));
