/** All choices of `r` of the places 0 to `n - 1`, in rising order; with `repeat` a place may come more than once. */
export function choices(n: number, r: number, repeat: boolean, from = 0): number[][] {
  if (r === 0) return [[]];
  const out: number[][] = [];
  for (let i = from; i < n; i++)
    for (const rest of choices(n, r - 1, repeat, repeat ? i : i + 1)) out.push([i, ...rest]);
  return out;
}
