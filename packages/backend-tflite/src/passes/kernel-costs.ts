/**
 * What kernels cost on a target, measured one thread at a time, in units of one multiply-add of a large matrix product. Rewrites weigh
 * forms with it; only ratios count, and only where they are far from one.
 */
export interface KernelCosts {
  /** Columns that a matrix product computes at once. A convolution of fewer result channels takes the time of so many. */
  readonly columns: number;
  /** An element that an op reads and writes again without arithmetic: DEPTH_TO_SPACE, CONCATENATION, SLICE. */
  readonly move: number;
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
 * LiteRT 2.3 with XNNPACK on x86 with AVX-512: 110 to 130 multiply-adds a nanosecond, 66 picoseconds for an element of a copy. The kernel
 * of transposed convolutions was 1.35 to 11 times slower than the convolutions that replace it, in nineteen shapes.
 */
export const cpuCosts: KernelCosts = {
  columns: 16,
  move: 6,
  transposeConv: 1.5,
  resizeNearest: 10,
  op: 20_000,
  concatenated: 5,
};

/** A convolution of `rows` pixels with `depth` multiplications for each of `channels` results. */
export const convolutionCost = (c: KernelCosts, rows: number, depth: number, channels: number): number =>
  c.op + rows * depth * Math.ceil(channels / c.columns) * c.columns;
