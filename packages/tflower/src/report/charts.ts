import { type Html, html } from "./html.ts";

/** A bar in a table's cell: `share` of the width. */
export const bar = (share: number): Html =>
  html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="${(100 * share).toFixed(1)} %"><rect width="${(100 * Math.min(1, share)).toFixed(2)}" height="8"/></svg>`;

/** A point of a {@link scatter}. */
export interface Point {
  readonly label: string;
  readonly value: number;
  /** Drawn to be seen. */
  readonly marked?: boolean;
}

const width = 900;
const height = 240;
const left = 44;
const bottom = 20;

/** Values in order, from left to right: one dot each, with its label when the mouse is over it. */
export function scatter(points: readonly Point[], unit: string): Html {
  const values = points.map((p) => p.value);
  const step = 20;
  const low = Math.floor(Math.min(0, ...values) / step) * step;
  const high = Math.ceil(Math.max(step, ...values) / step) * step;
  const x = (i: number): number => left + ((i + 0.5) * (width - left - 8)) / Math.max(1, points.length);
  const y = (v: number): number => 8 + ((high - v) * (height - 8 - bottom)) / (high - low);
  const lines = Array.from({ length: (high - low) / step + 1 }, (_, i) => low + i * step);
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img">
${lines.map((v) => html`<line x1="${left}" x2="${width - 8}" y1="${y(v).toFixed(1)}" y2="${y(v).toFixed(1)}"/><text x="${left - 6}" y="${(y(v) + 4).toFixed(1)}">${v}</text>`)}
${points.map((p, i) => html`<circle cx="${x(i).toFixed(1)}" cy="${y(p.value).toFixed(1)}" r="${p.marked ? 5 : 3}"${p.marked ? html` class="marked"` : ""}><title>${p.label}: ${p.value.toFixed(1)} ${unit}</title></circle>`)}
<text class="axis" x="${width - 8}" y="${height - 4}">${points.length} layers, in the order of the program; ${unit}</text>
</svg>`;
}
