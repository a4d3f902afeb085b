import {
  allocate,
  countOf,
  type Dim,
  invalid,
  type NumberCarrier,
  numbersOf,
  staticShape,
  type TensorData,
  type TensorType,
  tensor,
  wrap,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { type GridAttrs, gridSampled, gridSampledType, homogeneousGrid } from "../semantics/grid-sampling.ts";

interface Of<T> {
  readonly input: T;
  readonly grid: T;
}
const sampling = (rank?: number) => ({
  infer: ({ input, grid }: Of<TensorType>, a: GridAttrs): TensorType => gridSampledType(input, grid, rank, a),
  evaluate: ({ input, grid }: Of<TensorData>, a: GridAttrs): TensorData => gridSampled(input, grid, a),
});
export const gridSampler = defineAten(
  "grid_sampler(Tensor input, Tensor grid, int interpolation_mode, int padding_mode, bool align_corners) -> Tensor",
  {
    summary: "Images or volumes at places that a grid names.",
    ...sampling(),
  },
);
export const gridSampler2d = defineAten(
  "grid_sampler_2d(Tensor input, Tensor grid, int interpolation_mode, int padding_mode, bool align_corners) -> Tensor",
  {
    summary: "Images at places that a grid names.",
    ...sampling(2),
  },
);
export const gridSampler2dCpuFallback = defineAten(
  "_grid_sampler_2d_cpu_fallback(Tensor input, Tensor grid, int interpolation_mode, int padding_mode, bool align_corners) -> Tensor",
  {
    summary: "`grid_sampler_2d` as PyTorch computes it where it has nothing faster.",
    ...sampling(2),
  },
);
export const gridSampler3d = defineAten(
  "grid_sampler_3d(Tensor input, Tensor grid, int interpolation_mode, int padding_mode, bool align_corners) -> Tensor",
  {
    summary: "Volumes at places that a grid names.",
    ...sampling(3),
  },
);

/** Batch and space of the `size` that an affine grid is made for. */
function gridSpace(size: readonly Dim[]): { readonly batch: Dim; readonly space: readonly Dim[] } {
  if (size.length !== 4 && size.length !== 5)
    invalid(`makes grids for images or volumes, got a size of ${size.length} numbers`);
  return { batch: size[0]!, space: size.slice(2) };
}
export const affineGridGenerator = defineAten(
  "affine_grid_generator(Tensor theta, SymInt[] size, bool align_corners) -> Tensor",
  {
    summary: "The grid that samples each image where an affine map takes its pixels.",
    infer({ theta }, { size }) {
      const { batch, space } = gridSpace(size);
      if (theta.shape.length !== 3 || theta.shape[1] !== space.length || theta.shape[2] !== space.length + 1)
        invalid(`takes maps [N,${space.length},${space.length + 1}], got a tensor of rank ${theta.shape.length}`);
      return tensor(theta.dtype, [batch, ...space, space.length]);
    },
    evaluate({ theta }, { size, align_corners }) {
      const { batch, space } = gridSpace(staticShape(size));
      const rank = space.length;
      const base = homogeneousGrid(staticShape(space), align_corners);
      const count = countOf(staticShape(space));
      const map = numbersOf(theta);
      const out = allocate(theta.type.dtype, (batch as number) * count * rank) as NumberCarrier;
      for (let i = 0; i < out.length; i++) {
        const [n, p, row] = [Math.floor(i / (count * rank)), Math.floor(i / rank) % count, i % rank];
        let sum = 0;
        for (let k = 0; k <= rank; k++) sum += base[p * (rank + 1) + k]! * map[(n * rank + row) * (rank + 1) + k]!;
        out[i] = sum;
      }
      return wrap(tensor(theta.type.dtype, [batch, ...space, rank]), out);
    },
  },
);
