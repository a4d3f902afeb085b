/**
 * How far a float may be off. An element fits when one of `ulp`, `rtol` and `atol` says so; with none of them, only `db` counts.
 * NaN fits NaN, an infinity itself; integers and bools fit themselves, whatever is tolerated, but for {@link Tolerance.codes}.
 */
export interface Tolerance {
  /** Units in the last place. */
  readonly ulp?: number;
  /** Share of the largest finite magnitude of the expected tensor: what sums and products of many terms can promise. */
  readonly rtol?: number;
  /** A difference that never matters, as that between denormals and zero. */
  readonly atol?: number;
  /** Codes of a quantized result: integers that stand for reals. Others fit themselves only. */
  readonly codes?: number;
  /** Least signal-to-noise ratio of the whole tensor, in decibels. */
  readonly db?: number;
  /** Whether -0 and 0 differ. */
  readonly signedZero?: boolean;
}

/** Every bit but that of zero's sign. */
export const exact: Tolerance = { ulp: 0 };

/** Reads `ulp=4 rtol=1e-5`. Throws a `SyntaxError` that says what is known. */
export function parseTolerance(words: readonly string[]): Tolerance {
  const out: Record<string, number> = {};
  for (const w of words) {
    const m = /^(ulp|rtol|atol|codes|db|tol)=(\S+)$/.exec(w);
    const v = Number(m?.[2]);
    if (!m || Number.isNaN(v))
      throw new SyntaxError(`expected a tolerance such as "ulp=4", "rtol=1e-5", "atol=1e-30" or "db=80", got "${w}"`);
    out[m[1] === "tol" ? "rtol" : m[1]!] = v;
  }
  return out;
}

/** Text of a tolerance; {@link parseTolerance} reads it back. */
export const showTolerance = (t: Tolerance): string =>
  (["ulp", "rtol", "atol", "codes", "db"] as const)
    .flatMap((k) => (t[k] === undefined ? [] : [`${k}=${t[k]}`]))
    .join(" ");
