/**
 * What kernels cost on a target, measured one thread at a time, in units of one multiply-add of a large matrix product. Rewrites weigh
 * forms with it; only ratios count, and only where they are far from one.
 */
export interface KernelCosts {
  /** Columns that a matrix product computes at once. A convolution of fewer result channels takes the time of so many. */
  readonly columns: number;
  /** A weight that is read: counts where few pixels share it. */
  readonly weight: number;
  /** An element that an op reads and writes again with little arithmetic, while tensors stay in the cache. */
  readonly move: number;
  /** A tensor of so many bytes makes each of its elements twice as dear to move. */
  readonly cache: number;
  /** How much dearer an element is to a depthwise convolution of at most four taps. */
  readonly fourTaps: number;
  /** How much longer TRANSPOSE_CONV takes than a convolution with as many multiplications. */
  readonly transposeConv: number;
  /** RESIZE_NEAREST_NEIGHBOR, for each element of its result. Delegates do not take it. */
  readonly resizeNearest: number;
  /** What an op costs before it does anything. */
  readonly op: number;
  /** Operands that a delegate takes in one CONCATENATION. */
  readonly concatenated: number;
}

/**
 * LiteRT 2.3 with XNNPACK on x86 with AVX-512: 50 to 130 multiply-adds a nanosecond, 66 picoseconds for an element of a copy. The kernel
 * of transposed convolutions was 1.35 to 11 times slower than the convolutions that replace it, in nineteen shapes.
 */
export const cpuCosts: KernelCosts = {
  columns: 16,
  weight: 6,
  move: 7,
  cache: 1_200_000,
  fourTaps: 1.2,
  transposeConv: 1.5,
  resizeNearest: 12,
  op: 20_000,
  concatenated: 5,
};

/** A convolution of `pixels` with `depth` multiplications for each of `channels` results. */
export const convolutionCost = (c: KernelCosts, pixels: number, depth: number, channels: number): number =>
  c.op + pixels * depth * Math.ceil(channels / c.columns) * c.columns + depth * channels * c.weight;

/** An op that moves `elements`, or adds two tensors of so many. */
export const moveCost = (c: KernelCosts, elements: number): number =>
  c.op + elements * c.move * (1 + (4 * elements) / c.cache);
