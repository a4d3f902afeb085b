import { type PassTime, render } from "@tflower/core";
import type { Comparison } from "../compare/compare-layers.ts";
import type { QuantizedComparison } from "../compare/compare-quantized.ts";
import { bar, scatter } from "./charts.ts";
import { type Html, html } from "./html.ts";
import { count, lines, scaled, table } from "./html-parts.ts";
import { placementSection } from "./placement-section.ts";
import type { Report } from "./report-of.ts";

const style = `body{font:14px/1.5 system-ui,sans-serif;max-width:1000px;margin:2rem auto;padding:0 1rem;color:#1c2733;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem;border-bottom:1px solid #dde3ea}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr));gap:.5rem}dl div{background:#f4f6f9;border-radius:6px;padding:.5rem .75rem}
dt{color:#5b6b7c;font-size:.8rem}dd{margin:0;font-size:1.2rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.2rem .6rem;border-bottom:1px solid #eef1f5;vertical-align:top}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}code,pre{font:12px ui-monospace,monospace}pre{background:#f4f6f9;padding:.5rem;overflow:auto}
.bar{width:100px;height:8px;background:#eef1f5}.bar rect{fill:#2b6cb0}.chart{width:100%}.chart line{stroke:#e3e8ee}.chart text{font-size:11px;fill:#5b6b7c;text-anchor:end}
.chart circle{fill:#2b6cb0}.chart .marked{fill:#c92a2a}.muted{color:#5b6b7c}`;

const decibels = (n: number): string => (n === Infinity ? "exact" : n === -Infinity ? "NaN/inf" : `${n.toFixed(1)} dB`);

/** One page without anything outside of it: opens anywhere, can be mailed and kept. */
export function htmlReport(r: Report): string {
  const nodes = r.ops.reduce((n, o) => n + o.count, 0);
  const cards: readonly (readonly [string, string])[] = [
    ...(r.fileBytes === undefined ? [] : [["file", scaled(r.fileBytes, "B")] as const]),
    ["weights", scaled(r.weightBytes, "B")],
    ["ops", count(nodes)],
    ["multiply-accumulates", r.macs === undefined ? "depends on sizes" : scaled(r.macs, "MAC")],
    ["transposes", count(r.transposes.length)],
    [`${r.placement.target.name} partitions`, count(r.placement.partitions)],
    ...(r.comparison ? [["worst output", decibels(Math.min(...r.comparison.outputs.map((o) => o.snr)))] as const] : []),
  ];
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${r.title}</title><style>${{ html: style }}</style></head><body>
<h1>${r.title}</h1>
<dl>${cards.map(([k, v]) => html`<div><dt>${k}</dt><dd>${v}</dd></div>`)}</dl>
<h2>Signatures</h2>
${table(
  ["key", "inputs", "outputs"],
  r.signatures.map((s) => [s.key, lines(s.inputs), lines(s.outputs)]),
)}
${r.quantized === undefined ? "" : html`<h2>Quantized</h2><pre>${r.quantized}</pre>`}
${r.comparison ? errors(r.comparison) : ""}
${r.comparison && "floatLayers" in r.comparison ? stillFloat(r.comparison as QuantizedComparison) : ""}
<h2>Ops</h2>
${table(
  ["op", "count", "MACs", "", "weights"],
  r.ops.map((o) => [
    html`<code>${o.op}</code>`,
    count(o.count),
    o.macs ? scaled(o.macs, "MAC") : "",
    o.macs && r.macs ? bar(o.macs / r.macs) : "",
    o.weightBytes ? scaled(o.weightBytes, "B") : "",
  ]),
  [1, 2, 4],
)}
<h2>Transposes left</h2>
${
  r.transposes.length
    ? table(
        ["type", "permutation", "why it is there", "module", "Python"],
        r.transposes.map((t) => [html`<code>${t.type}</code>`, t.perm.join(", "), t.why, t.module, t.location]),
      )
    : html`<p class="muted">None.</p>`
}
${placementSection(r.placement)}
<h2>Biggest weights</h2>
${table(
  ["name", "type", "bytes", "", "read by"],
  r.weights.map((w) => [
    w.name,
    html`<code>${w.type.slice(0, 80)}</code>`,
    scaled(w.bytes, "B"),
    bar(w.bytes / r.weightBytes),
    [...new Set(w.readers)].slice(0, 3).join(", "),
  ]),
  [2],
)}
${r.diagnostics.length ? html`<h2>Diagnostics</h2>${r.diagnostics.map((d) => html`<pre>${render(d)}</pre>`)}` : ""}
${r.times.length ? times(r.times) : ""}
</body></html>
`;
  return page.html;
}

function times(all: readonly PassTime[]): Html {
  const total = all.reduce((n, t) => n + t.ms, 0);
  const slowest = [...all].sort((a, b) => b.ms - a.ms).slice(0, 12);
  return html`<h2>Passes</h2><p class="muted">${total.toFixed(0)} ms in ${all.length} passes; the slowest:</p>
${table(
  ["pass", "ms", ""],
  slowest.map((t) => [html`<code>${t.pass}</code>`, t.ms.toFixed(1), bar(t.ms / total)]),
  [1],
)}`;
}

/** More than rounding. */
const suspicious = 20;
/** Tensors that are equal are drawn here. */
const exact = 160;

function errors(c: Comparison): Html {
  const order = [...c.layers].sort((a, b) => a.place - b.place);
  const points = order.map((l) => ({
    label: `${l.module ?? l.id} (${l.id})`,
    value: Math.max(-exact, Math.min(exact, l.snr)),
    marked: l.lost >= suspicious,
  }));
  return html`<h2>Error by layer</h2>
<p class="muted">Signal to noise against ${c.source}; exact is drawn at ${exact} dB. Red dots lose more than rounding does.</p>
${scatter(points, "dB")}
${table(
  ["output", "signal to noise", "largest difference"],
  c.outputs.map((o) => [o.name, decibels(o.snr), o.maxAbs.toPrecision(3)]),
  [1, 2],
)}
${table(
  ["worst layers", "signal to noise", "lost here", "largest difference", "Python"],
  c.layers
    .slice(0, 10)
    .map((l) => [
      [l.modules.join(" + ") || l.id, html` <span class="muted">${l.id}</span>`],
      decibels(l.snr),
      l.lost ? `${l.lost.toFixed(1)} dB` : "",
      l.maxAbs.toPrecision(3),
      l.frame ? `${l.frame.file}:${l.frame.line}` : "",
    ]),
  [1, 2, 3],
)}`;
}

/** What a quantized program computes on floats, and how often it is right. */
function stillFloat(c: QuantizedComparison): Html {
  const { accuracy } = c.quality;
  return html`${accuracy === undefined ? "" : html`<p>Right on the labelled samples: ${(100 * accuracy).toFixed(2)} %, and ${(100 * (c.floatAccuracy ?? Number.NaN)).toFixed(2)} % of the float program.</p>`}
<h2>Still on floats</h2>
${
  c.floatLayers.length
    ? table(
        ["op", "count", "why", "module"],
        c.floatLayers.map((l) => [html`<code>${l.op}</code>`, count(l.count), l.why, l.modules.join(", ")]),
        [1],
      )
    : html`<p class="muted">Nothing.</p>`
}`;
}
