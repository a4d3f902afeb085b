/** Decisions are looked at one by one only among the first so many: what follows are mostly elements of tensors. */
const closeLook = 160;
/** Runs of up to so many decisions are left out wherever they begin: what one part of a value took. */
const longestPart = 10;

/** Decisions without the simplest ones at the end, which a replay makes by itself. */
export function trimmed(taken: readonly number[]): readonly number[] {
  let end = taken.length;
  while (end > 0 && taken[end - 1] === 0) end--;
  return taken.slice(0, end);
}

/** Whether `a` is simpler than `b`: shorter, or as long and smaller at the first difference. Both are {@link trimmed}. */
export function isSimpler(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return a.length < b.length;
  const at = a.findIndex((v, i) => v !== b[i]);
  return at >= 0 && a[at]! < b[at]!;
}

/** What to try in place of `taken`, boldest first. */
export function* simplerChoices(taken: readonly number[]): Generator<readonly number[], undefined> {
  const n = taken.length;
  yield [];
  for (let keep = n >> 1; keep > 0; keep >>= 1) yield taken.slice(0, keep);
  for (const size of halves(n)) {
    const last = size < 4 ? Math.min(n, closeLook) : n;
    for (let i = 0; i + size <= last; i += size) {
      if (taken.slice(i, i + size).some((v) => v !== 0))
        yield [...taken.slice(0, i), ...new Array<number>(size).fill(0), ...taken.slice(i + size)];
      if (size > longestPart) yield [...taken.slice(0, i), ...taken.slice(i + size)];
    }
  }
  for (let size = Math.min(longestPart, n); size >= 1; size--)
    for (let i = 0; i + size <= Math.min(n, closeLook); i++) yield [...taken.slice(0, i), ...taken.slice(i + size)];
  for (let i = 0; i < Math.min(n, closeLook); i++)
    for (const v of lower(taken[i]!)) yield [...taken.slice(0, i), v, ...taken.slice(i + 1)];
}

function* halves(n: number): Generator<number, undefined> {
  for (let size = n >> 1; size >= 1; size >>= 1) yield size;
}

/** Ever smaller steps down, so that the smallest that still fails is found in as many rounds as the number has bits. */
function* lower(v: number): Generator<number, undefined> {
  if (v > 16) yield v % 16;
  for (let step = Math.ceil(v / 2); step >= 1; step = Math.floor(step / 2)) if (v > step) yield v - step;
}
