import {
  addDim,
  allocate,
  attr,
  countOf,
  type Dim,
  divideExactly,
  floorDivDim,
  invalid,
  mulDim,
  operand,
  rowMajorStrides,
  showDim,
  staticShape,
  subDim,
  type TensorType,
  withShape,
  wrap,
} from "@tflower/core";
import { showShape } from "../semantics/axes.ts";
import { copyInto, strided } from "../semantics/movement.ts";
import { defineTfl, runtimeI32 } from "./define-tfl.ts";

const image = { input: operand.rank(4) } as const;
const exactly = (d: Dim, by: number, what: string): Dim =>
  divideExactly(d, by) ??
  (typeof d === "number" ? invalid(`${what} ${showDim(d)} is no multiple of ${by}`) : floorDivDim(d, by));

export const spaceToDepth = defineTfl("SPACE_TO_DEPTH", {
  summary: "Moves blocks of `block_size` by `block_size` pixels of an NHWC image into channels.",
  options: "SpaceToDepthOptions",
  operands: image,
  attrs: { block_size: attr.int },
  movesElements: true,
  infer({ input }, { block_size: b }) {
    const [n, h, w, c] = input.shape as [Dim, Dim, Dim, Dim];
    return withShape(input, [n, exactly(h, b, "height"), exactly(w, b, "width"), mulDim(c, b * b)]);
  },
  evaluate({ input }, { block_size: b }, [type]) {
    const [n, h, w, c] = input.type.shape as unknown as [number, number, number, number];
    const [sn, sh, sw, sc] = rowMajorStrides(input.type.shape) as [number, number, number, number];
    const blocks = strided({ ...type!, shape: [n, h / b, w / b, b, b, c] }, input, [sn, sh * b, sw * b, sh, sw, sc]);
    return wrap(type!, blocks.data);
  },
});

export const depthToSpace = defineTfl("DEPTH_TO_SPACE", {
  summary: "Moves channels of an NHWC image into blocks of `block_size` by `block_size` pixels.",
  options: "DepthToSpaceOptions",
  operands: image,
  attrs: { block_size: attr.int },
  movesElements: true,
  infer({ input }, { block_size: b }) {
    const [n, h, w, c] = input.shape as [Dim, Dim, Dim, Dim];
    return withShape(input, [n, mulDim(h, b), mulDim(w, b), exactly(c, b * b, "number of channels")]);
  },
  evaluate({ input }, { block_size: b }, [type]) {
    const [n, h, w, c] = input.type.shape as unknown as [number, number, number, number];
    const [sn, sh, sw, sc] = rowMajorStrides(input.type.shape) as [number, number, number, number];
    const depth = c / (b * b);
    const pixels = strided({ ...type!, shape: [n, h, b, w, b, depth] }, input, [
      sn,
      sh,
      sc * b * depth,
      sw,
      sc * depth,
      sc,
    ]);
    return wrap(type!, pixels.data);
  },
});

const blocked = (input: TensorType, block: readonly number[], pairs: readonly Dim[]): void => {
  if (pairs.length !== 2 * block.length || block.length + 1 > input.shape.length)
    invalid(`takes blocks of ${block.length} axes and ${pairs.length} margins of ${showShape(input.shape)}`);
};

export const spaceToBatchNd = defineTfl("SPACE_TO_BATCH_ND", {
  summary: "Pads the axes after the first, and moves blocks of them into the batch.",
  options: "SpaceToBatchNDOptions",
  operands: { input: operand.ranks(3, 4), paddings: runtimeI32 },
  attrs: { block_shape: attr.ints, paddings: attr.dims },
  parameters: { block_shape: "list", paddings: "pairs" },
  file: ["input", "block_shape", "paddings"],
  infer({ input }, { block_shape, paddings }) {
    blocked(input, block_shape, paddings);
    const spatial = block_shape.map((b, i) =>
      exactly(
        addDim(input.shape[i + 1]!, addDim(paddings[2 * i]!, paddings[2 * i + 1]!)),
        b,
        `padded axis ${i + 1} of`,
      ),
    );
    return withShape(input, [
      mulDim(
        input.shape[0]!,
        block_shape.reduce((p, b) => p * b, 1),
      ),
      ...spatial,
      ...input.shape.slice(block_shape.length + 1),
    ]);
  },
  evaluate({ input }, { block_shape, paddings }, [type]) {
    const shape = staticShape(input.type.shape);
    const m = block_shape.length;
    const margins = staticShape(paddings);
    const full = shape.map((d, i) => (i >= 1 && i <= m ? d + margins[2 * i - 2]! + margins[2 * i - 1]! : d));
    const strides = rowMajorStrides(full);
    const padded = allocate(input.type.dtype, countOf(full));
    copyInto(
      padded,
      strides,
      block_shape.reduce((n, _, i) => n + margins[2 * i]! * strides[i + 1]!, 0),
      input,
    );
    const source = wrap({ ...input.type, shape: full }, padded);
    const inner = block_shape.map((b, i) => full[i + 1]! / b);
    const cells = [...block_shape, full[0]!, ...inner, ...full.slice(m + 1)];
    const steps = [
      ...strides.slice(1, m + 1),
      strides[0]!,
      ...block_shape.map((b, i) => strides[i + 1]! * b),
      ...strides.slice(m + 1),
    ];
    return wrap(type!, strided({ ...type!, shape: cells }, source, steps).data);
  },
});

export const batchToSpaceNd = defineTfl("BATCH_TO_SPACE_ND", {
  summary: "Moves the batch into blocks of the axes after the first, and crops them.",
  options: "BatchToSpaceNDOptions",
  operands: { input: operand.ranks(3, 4), crops: runtimeI32 },
  attrs: { block_shape: attr.ints, crops: attr.dims },
  parameters: { block_shape: "list", crops: "pairs" },
  file: ["input", "block_shape", "crops"],
  movesElements: true,
  infer({ input }, { block_shape, crops }) {
    blocked(input, block_shape, crops);
    const spatial = block_shape.map((b, i) =>
      subDim(mulDim(input.shape[i + 1]!, b), addDim(crops[2 * i]!, crops[2 * i + 1]!)),
    );
    return withShape(input, [
      exactly(
        input.shape[0]!,
        block_shape.reduce((p, b) => p * b, 1),
        "batch",
      ),
      ...spatial,
      ...input.shape.slice(block_shape.length + 1),
    ]);
  },
  evaluate({ input }, { block_shape, crops }, [type]) {
    const shape = staticShape(input.type.shape);
    const m = block_shape.length;
    const batch = staticShape(type!.shape)[0]!;
    const rest = shape.slice(m + 1);
    // as [blocks..., batch, pixels..., rest...], read as [batch, pixel, block, pixel, block, ..., rest...]
    const own = rowMajorStrides([...block_shape, batch, ...shape.slice(1)]);
    const full = [batch, ...block_shape.map((b, i) => shape[i + 1]! * b), ...rest];
    const cells = [batch, ...block_shape.flatMap((b, i) => [shape[i + 1]!, b]), ...rest];
    const steps = [own[m]!, ...block_shape.flatMap((_, i) => [own[m + 1 + i]!, own[i]!]), ...own.slice(2 * m + 1)];
    const uncropped = strided({ ...type!, shape: cells }, input, steps);
    const strides = rowMajorStrides(full);
    return strided(
      type!,
      wrap({ ...type!, shape: full }, uncropped.data),
      strides,
      block_shape.reduce((n, _, i) => n + (crops[2 * i] as number) * strides[i + 1]!, 0),
    );
  },
});
