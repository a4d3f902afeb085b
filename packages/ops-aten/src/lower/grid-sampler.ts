import { tfl } from "@tflower/backend-tflite";
import {
  type Dim,
  defineLowering,
  type Emit,
  isFloat,
  isStaticShape,
  type Rejection,
  reject,
  sizeOf,
  tensorData,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/grid-sampler.ts";
import { channelsLast } from "../emit/channels-last.ts";
import { sampleGrid } from "../emit/grid-sample.ts";
import { reshapeTo } from "../emit/rearrange.ts";
import { type GridAttrs, homogeneousGrid, interpolations, paddings } from "../semantics/grid-sampling.ts";

const sample = (
  { input, grid }: { readonly input: Value; readonly grid: Value },
  a: GridAttrs,
  emit: Emit,
): Value | Rejection => {
  const space = input.type.shape.slice(2);
  if (!isFloat(input.type.dtype)) return reject(`samples floats, got ${input.type.dtype}`);
  if (!isStaticShape(space)) return reject("needs static extents of what it samples");
  const x = channelsLast(emit, input, space.length);
  const rows = sampleGrid(emit, x.value, grid, space, {
    interpolation: interpolations[a.interpolation_mode]!,
    padding: paddings[a.padding_mode]!,
    align: a.align_corners,
  });
  const [n, , channels] = rows.type.shape as [Dim, Dim, Dim];
  return x.back(reshapeTo(emit, rows, [n, ...grid.type.shape.slice(1, -1), channels]));
};
export const gridSampler = defineLowering(aten.gridSampler, sample);
export const gridSampler2d = defineLowering(aten.gridSampler2d, sample);
export const gridSampler2dCpuFallback = defineLowering(aten.gridSampler2dCpuFallback, sample);
export const gridSampler3d = defineLowering(aten.gridSampler3d, sample);

export const affineGridGenerator = defineLowering(
  aten.affineGridGenerator,
  ({ theta }, { size, align_corners }, emit) => {
    const space = size.slice(2);
    if (!isStaticShape(space)) return reject("needs static extents of the grid");
    const rank = space.length;
    const base = emit.constant(
      tensorData("f32", [1, sizeOf(space) as number, rank + 1], homogeneousGrid(space, align_corners)),
    );
    const grid = emit(tfl.batchMatmul, { x: base, y: theta }, { adj_y: true });
    return reshapeTo(emit, grid, [size[0]!, ...space, rank]);
  },
);
