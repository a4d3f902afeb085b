import { convolutionCost, type KernelCosts, moveCost } from "./kernel-costs.ts";

/** A convolution of stride 1 as seen by {@link cheapestTiling}. */
export interface PlainConvolution {
  readonly batch: number;
  /** Extents of the result. */
  readonly result: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly depth: number;
  readonly channels: number;
}
/** Along which axes two results are made at a time. */
export type Tiling = readonly [rows: boolean, columns: boolean];

/** The two elements of a tile that a combination adds up, each with its sign. */
export type Combination = readonly [first: SignedPlace, second: SignedPlace];
type SignedPlace = readonly [place: number, sign: 1 | -1];
/** `F(2, 3)`: four products of these give what two places of a kernel of three elements would need six for. */
export const combinations: readonly Combination[] = [
  [
    [0, 1],
    [2, -1],
  ],
  [
    [1, 1],
    [2, 1],
  ],
  [
    [1, -1],
    [2, 1],
  ],
  [
    [1, 1],
    [3, -1],
  ],
];

/** What a form costs, and the weights it adds. */
interface Weighed {
  readonly cost: number;
  readonly weights: number;
}

function weigh(c: PlainConvolution, costs: KernelCosts, [rows, columns]: Tiling): Weighed {
  const tiles = c.batch * Math.ceil(c.result[0] / (rows ? 2 : 1)) * Math.ceil(c.result[1] / (columns ? 2 : 1));
  const products = (rows ? 4 : 1) * (columns ? 4 : 1);
  const depth = c.depth * (rows ? 1 : c.kernel[0]) * (columns ? 1 : c.kernel[1]);
  const phases = (rows ? 2 : 1) * (columns ? 2 : 1);
  // what is added up: rows for each combination of columns, then columns for each row
  const sums = rows && columns ? 24 : 4;
  const cost =
    products * (moveCost(costs, tiles * c.depth) * costs.fourTaps + convolutionCost(costs, tiles, depth, c.channels)) +
    sums * moveCost(costs, tiles * c.channels) +
    (rows && columns ? 2 : 1) * moveCost(costs, phases * tiles * c.channels);
  return { cost, weights: products * depth * c.channels };
}

const tilings: readonly Tiling[] = [
  [true, true],
  [true, false],
  [false, true],
];

/** Tilings of a convolution: along axes with a kernel of three elements. */
export const possibleTilings = (c: PlainConvolution): readonly Tiling[] =>
  tilings.filter((axes) => axes.every((on, i) => !on || (c.kernel[i] === 3 && c.result[i]! > 1)));

/** A tiling, what it costs, and how many weights it adds. */
export interface WeighedTiling extends Weighed {
  readonly tiling: Tiling;
}

/** What a convolution costs as it is, and in every tiling. */
export function weighTilings(
  c: PlainConvolution,
  costs: KernelCosts,
): { plain: number; tilings: readonly WeighedTiling[] } {
  const depth = c.depth * c.kernel[0] * c.kernel[1];
  const plain = convolutionCost(costs, c.batch * c.result[0] * c.result[1], depth, c.channels);
  return { plain, tilings: possibleTilings(c).map((tiling) => ({ tiling, ...weigh(c, costs, tiling) })) };
}

/**
 * The tiling that is worth its cost: at least a tenth faster, and `saved` multiplications less for each weight that the file grows by.
 */
export function cheapestTiling(c: PlainConvolution, costs: KernelCosts, saved: number): Tiling | undefined {
  const { plain, tilings: all } = weighTilings(c, costs);
  const own = c.depth * c.kernel[0] * c.kernel[1] * c.channels;
  const worth = all.filter((w) => w.cost <= 0.9 * plain && plain - w.cost >= saved * (w.weights - own));
  return worth.sort((a, b) => a.cost - b.cost)[0]?.tiling;
}
