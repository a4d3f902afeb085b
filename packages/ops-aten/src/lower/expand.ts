import { tfl } from "@tflower/backend-tflite";
import { type Dim, defineLowering, type Emit, type Node, type Value } from "@tflower/core";
import * as aten from "../dialect/expand.ts";
import { broadcastTo, concatAxis, permuteBy, reshapeTo } from "../emit/rearrange.ts";
import { swappedAxes } from "../semantics/permutations.ts";

interface Many {
  readonly tensors: readonly Value[];
}
const toResult = ({ self }: { readonly self: Value }, _: unknown, emit: Emit, node: Node<any>): Value =>
  broadcastTo(emit, self, node.results[0]!.type.shape);
export const expand = defineLowering(aten.expand, toResult);
export const expandCopy = defineLowering(aten.expandCopy, toResult);
export const expandAs = defineLowering(aten.expandAs, toResult);
export const broadcastToOp = defineLowering(aten.broadcastTo, toResult);
export const broadcastTensors = defineLowering(aten.broadcastTensors, ({ tensors }, _, emit, node) =>
  tensors.map((t, i) => broadcastTo(emit, t, node.results[i]!.type.shape)),
);

/** `x` over and over, `times` given for each of its last axes. */
function tiled(emit: Emit, x: Value, times: readonly Dim[]): Value {
  const ones = (n: number): Dim[] => new Array<Dim>(Math.max(n, 0)).fill(1);
  const shape = [...ones(times.length - x.type.shape.length), ...x.type.shape];
  const multiples = [...ones(x.type.shape.length - times.length), ...times];
  const input = reshapeTo(emit, x, shape);
  return multiples.every((m) => m === 1) ? input : emit(tfl.tile, { input }, { multiples });
}
export const repeat = defineLowering(aten.repeat, ({ self }, { repeats }, emit) => tiled(emit, self, repeats));
export const tile = defineLowering(aten.tile, ({ self }, { dims }, emit) => tiled(emit, self, dims));

function grids(emit: Emit, tensors: readonly Value[], indexing: string): Value[] {
  const shape = tensors.map((t) => t.type.shape[0] ?? 1);
  return tensors.map((t, k) => {
    const whole = broadcastTo(
      emit,
      reshapeTo(
        emit,
        t,
        shape.map((d, i) => (i === k ? d : 1)),
      ),
      shape,
    );
    return indexing === "xy" && shape.length >= 2 ? permuteBy(emit, whole, swappedAxes(shape.length, 0, 1)) : whole;
  });
}
export const meshgrid = defineLowering(aten.meshgrid, ({ tensors }: Many, _, emit) => grids(emit, tensors, "ij"));
export const meshgridIndexing = defineLowering(aten.meshgridIndexing, ({ tensors }, { indexing }, emit) =>
  grids(emit, tensors, indexing),
);

export const cartesianProd = defineLowering(aten.cartesianProd, ({ tensors }, _, emit, node) => {
  if (tensors.length === 1) return tensors[0]!;
  const rows = node.results[0]!.type.shape[0]!;
  return concatAxis(
    emit,
    grids(emit, tensors, "ij").map((g) => reshapeTo(emit, g, [rows, 1])),
    1,
  );
});
