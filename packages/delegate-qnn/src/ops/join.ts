import { tfl } from "@tflower/backend-tflite";
import { u32, u32s } from "../graph/qnn-graph-builder.ts";
import { axisFromFront, defineMapping, type QnnMapping } from "./define-mapping.ts";

const mapConcatenation = defineMapping(tfl.concatenation, ["Concat", "Reshape"], (node, b) => {
  const { values } = node.operands;
  if (values.length === 1) b.node("Reshape", [b.of(values[0]!)], [b.of(node.result)]);
  else
    b.node(
      "Concat",
      values.map((v) => b.of(v)),
      [b.of(node.result)],
      {
        scalars: { axis: u32(axisFromFront(node.attrs.axis, node.result.type)) },
      },
    );
});

const mapPack = defineMapping(tfl.pack, ["Pack", "Concat", "Reshape"], (node, b) => {
  const { values } = node.operands;
  const ids = values.map((v) => b.of(v));
  // scalars have one axis already
  if (values.length === 1) b.node("Reshape", ids, [b.of(node.result)]);
  else if (!values[0]!.type.shape.length) b.node("Concat", ids, [b.of(node.result)], { scalars: { axis: u32(0) } });
  else
    b.node("Pack", ids, [b.of(node.result)], {
      scalars: { axis: u32(axisFromFront(node.attrs.axis, node.result.type)) },
    });
});

const mapUnpack = defineMapping(tfl.unpack, ["UnPack", "Reshape"], (node, b) => {
  const { value } = node.operands;
  const results = node.results.map((r) => b.of(r));
  if (results.length === 1) b.node("Reshape", [b.of(value)], results);
  else
    b.node("UnPack", [b.of(value)], results, {
      scalars: { axis: u32(axisFromFront(node.attrs.axis, value.type)) },
    });
});

/** Where parts begin, but the first. */
function cuts(sizes: readonly number[]): number[] {
  const out: number[] = [];
  let at = 0;
  for (const s of sizes.slice(0, -1)) out.push((at += s));
  return out;
}
const splitting = (op: typeof tfl.split | typeof tfl.splitV): QnnMapping<any> =>
  defineMapping(op as typeof tfl.split, ["Split", "Reshape"], (node, b) => {
    const { value } = node.operands;
    const axis = axisFromFront(node.attrs.axis, value.type);
    const results = node.results.map((r) => b.of(r));
    if (results.length === 1) b.node("Reshape", [b.of(value)], results);
    else
      b.node("Split", [b.of(value)], results, {
        scalars: { axis: u32(axis) },
        tensors: { split_index: u32s(cuts(node.results.map((r) => r.type.shape[axis] as number))) },
      });
  });

/** Ops that join tensors and take them apart. */
export const joinMappings: readonly QnnMapping<any>[] = [
  mapConcatenation,
  mapPack,
  mapUnpack,
  splitting(tfl.split),
  splitting(tfl.splitV),
];
