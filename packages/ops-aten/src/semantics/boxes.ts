import { numbersOf, type TensorData, tensorData } from "@tflower/core";

const f = Math.fround;
/** Boxes `[x1, y1, x2, y2]`, best first, without those that overlap a better one by more than `threshold`; in single precision, as torchvision. */
export function suppressed(boxes: TensorData, scores: TensorData, threshold: number): TensorData {
  const [box, score] = [numbersOf(boxes), numbersOf(scores)];
  const at = (i: number, k: number): number => box[4 * i + k]!;
  const area = (i: number): number => f(f(at(i, 2) - at(i, 0)) * f(at(i, 3) - at(i, 1)));
  const order = Array.from({ length: score.length }, (_, i) => i).sort((a, b) => score[b]! - score[a]! || a - b);
  const kept: number[] = [];
  for (const i of order) {
    const overlaps = kept.some((j) => {
      const width = Math.max(0, f(Math.min(at(i, 2), at(j, 2)) - Math.max(at(i, 0), at(j, 0))));
      const height = Math.max(0, f(Math.min(at(i, 3), at(j, 3)) - Math.max(at(i, 1), at(j, 1))));
      const common = f(width * height);
      return f(common / f(f(area(j) + area(i)) - common)) > threshold;
    });
    if (!overlaps) kept.push(i);
  }
  return tensorData("i64", [kept.length], kept);
}
