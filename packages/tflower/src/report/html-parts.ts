import { type Html, html } from "./html.ts";

/** A number as people write it. */
export const count = (n: number): string => n.toLocaleString("en-US");
/** A number with a prefix: `1.20 MB`. */
export function scaled(n: number, unit: string): string {
  const [by, prefix] = n >= 1e9 ? [1e9, "G"] : n >= 1e6 ? [1e6, "M"] : n >= 1e3 ? [1e3, "k"] : [1, ""];
  return `${(n / by).toFixed(by === 1 ? 0 : 2)} ${prefix}${unit}`;
}
/** Lines of code. */
export const lines = (all: readonly string[]): Html => html`${all.map((l) => html`<code>${l}</code><br>`)}`;
/** A table; columns of `numbers` are set to the right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly unknown[])[],
  numbers: readonly number[] = [],
): Html {
  const cell = (x: unknown, i: number): Html =>
    numbers.includes(i) ? html`<td class="n">${x}</td>` : html`<td>${x}</td>`;
  return html`<table><thead><tr>${head.map((h, i) => (numbers.includes(i) ? html`<th class="n">${h}</th>` : html`<th>${h}</th>`))}</tr></thead>
<tbody>${rows.map((r) => html`<tr>${r.map(cell)}</tr>\n`)}</tbody></table>`;
}
