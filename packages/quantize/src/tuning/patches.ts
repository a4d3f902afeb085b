import { numbersOf, type TensorData, type WindowsOf } from "@tflower/core";

/** Numbers from 0 to 1 that are the same on every run. */
export function randomNumbers(seed: number): () => number {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Shows up to `most` patches of one observation: places spread over all there are. The patch is the same memory each time.
 */
export function eachPatch(
  x: TensorData,
  length: number,
  windows: WindowsOf | undefined,
  most: number,
  seed: number,
  show: (patch: Float32Array) => void,
): void {
  const given = numbersOf(x);
  const data = given instanceof Float32Array ? given : Float32Array.from(given);
  if (length === 0 || data.length === 0) return;
  const images = windows ? x.type.shape[0]! : 0;
  const total = windows ? images * windows.count[0] * windows.count[1] : Math.floor(data.length / length);
  const random = randomNumbers(seed);
  const wanted = Math.min(most, total);
  const patch = windows && new Float32Array(length);
  for (let j = 0; j < wanted; j++) {
    const at = wanted === total ? j : Math.floor(((j + random()) * total) / wanted);
    if (!windows || !patch) show(data.subarray(at * length, (at + 1) * length));
    else {
      fillPatch(patch, data, x.type.shape, windows, at);
      show(patch);
    }
  }
}

function fillPatch(
  patch: Float32Array,
  data: Float32Array,
  shape: readonly number[],
  { kernel, stride, dilation, before, count }: WindowsOf,
  at: number,
): void {
  const [, height, width, channels] = shape as [number, number, number, number];
  const column = at % count[1];
  const row = Math.floor(at / count[1]) % count[0];
  const image = Math.floor(at / (count[0] * count[1]));
  let to = 0;
  for (let i = 0; i < kernel[0]; i++)
    for (let j = 0; j < kernel[1]; j++, to += channels) {
      const y = row * stride[0] - before[0] + i * dilation[0];
      const x = column * stride[1] - before[1] + j * dilation[1];
      if (y < 0 || y >= height || x < 0 || x >= width) patch.fill(0, to, to + channels);
      else {
        const from = ((image * height + y) * width + x) * channels;
        for (let c = 0; c < channels; c++) patch[to + c] = data[from + c]!;
      }
    }
}
