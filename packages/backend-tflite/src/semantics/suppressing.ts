import { numbersOf, type TensorData, tensorData } from "@tflower/core";

const f = Math.fround;
/** Area that two boxes share over the area that they cover, in single precision; corners come in any order. */
function overlap(boxes: ArrayLike<number>, i: number, j: number): number {
  const side = (k: number, a: number, pick: (...v: number[]) => number): number =>
    pick(boxes[4 * k + a]!, boxes[4 * k + a + 2]!);
  const extent = (k: number, a: number): number => f(side(k, a, Math.max) - side(k, a, Math.min));
  const shared = (a: number): number =>
    Math.max(
      0,
      f(Math.min(side(i, a, Math.max), side(j, a, Math.max)) - Math.max(side(i, a, Math.min), side(j, a, Math.min))),
    );
  const [areaI, areaJ] = [i, j].map((k) => f(extent(k, 0) * extent(k, 1))) as [number, number];
  if (areaI <= 0 || areaJ <= 0) return 0;
  const both = f(shared(0) * shared(1));
  return f(both / f(f(areaI + areaJ) - both));
}

export interface Suppression {
  readonly max_output_size: number;
  readonly iou_threshold: number;
  readonly score_threshold: number;
  readonly soft_nms_sigma: number;
}

/** Selected indices, their scores, and how many are no padding. Of equal scores the earlier box comes first. */
export function suppress(boxes: TensorData, scores: TensorData, a: Suppression): [TensorData, TensorData, TensorData] {
  const corners = numbersOf(boxes);
  let candidates = Array.from(numbersOf(scores), (score, index) => ({ index, score, seen: 0 })).filter(
    (c) => c.score > a.score_threshold,
  );
  const selected: { readonly index: number; readonly score: number }[] = [];
  while (selected.length < a.max_output_size && candidates.length > 0) {
    const best = candidates.reduce((x, y) => (y.score > x.score || (y.score === x.score && y.index < x.index) ? y : x));
    candidates = candidates.filter((c) => c !== best);
    let score = best.score;
    let dropped = false;
    for (let j = selected.length - 1; j >= best.seen && !dropped; j--) {
      const iou = overlap(corners, best.index, selected[j]!.index);
      if (iou >= a.iou_threshold) dropped = true;
      else if (a.soft_nms_sigma > 0) score *= Math.exp((-0.5 / a.soft_nms_sigma) * iou * iou);
      if (score <= a.score_threshold) break;
    }
    if (dropped) continue;
    if (score === best.score) selected.push(best);
    else if (score > a.score_threshold) candidates.push({ index: best.index, score, seen: selected.length });
  }
  const padded = (f: (s: { readonly index: number; readonly score: number }) => number): number[] =>
    Array.from({ length: a.max_output_size }, (_, i) => (selected[i] ? f(selected[i]) : 0));
  return [
    tensorData(
      "i32",
      [a.max_output_size],
      padded((s) => s.index),
    ),
    tensorData(
      "f32",
      [a.max_output_size],
      padded((s) => s.score),
    ),
    tensorData("i32", [], [selected.length]),
  ];
}
