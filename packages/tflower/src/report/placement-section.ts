import { boundaryBytes } from "@tflower/core";
import { opCounts, opNames, whereOf } from "../partition/node-words.ts";
import type { Placement } from "../partition/placement.ts";
import { bar } from "./charts.ts";
import { type Html, html } from "./html.ts";
import { count, lines, scaled, table } from "./html-parts.ts";
import { macsOf } from "./node-facts.ts";

/** A delegate's share: partitions, what is outside and why, and what one change would bring. */
export function placementSection(p: Placement): Html {
  const inside = p.nodes.filter((n) => n.partition !== undefined).length;
  const made = p.target.strategy === "epochs" ? "as the runtime divides it" : "as tflower divides it";
  const changes = p.changes.filter((c) => c.saved > 0);
  return html`<h2>Where it runs: ${p.target.name}</h2>
<p>${count(inside)} of ${count(p.nodes.length)} ops${p.macs.all ? html`, ${((100 * p.macs.inside) / p.macs.all).toFixed(1)} % of the multiply-accumulates` : ""}, in ${count(p.partitions)} partitions ${made}.
At the least there are ${count(p.fewest)}; runs of the file's order would be ${count(p.runs)}. From the delegate's rules: nothing is measured.</p>
${p.target.note === undefined ? "" : html`<p class="muted">${p.target.note}</p>`}
${p.partitions ? partitions(p) : ""}
<h2>Outside of ${p.target.name}</h2>
${
  p.causes.length
    ? table(
        ["ops", "why", "what to do", "where"],
        p.causes.map((c) => [
          html`<code>${opCounts(c.nodes)}</code>`,
          c.reason,
          c.help ?? "",
          lines([...new Set(c.nodes.map(whereOf).filter((w) => w !== ""))].slice(0, 5)),
        ]),
      )
    : html`<p>Every op runs there.</p>`
}
${
  changes.length
    ? html`<h2>One change that makes fewer partitions</h2>
${table(
  ["op", "count", "partitions then", "what to do"],
  changes.map((c) => [
    html`<code>${opNames(c.nodes)}</code>`,
    count(c.nodes.length),
    count(c.partitions),
    c.help ?? c.reason,
  ]),
  [1, 2],
)}`
    : ""
}`;
}

function partitions(p: Placement): Html {
  const all = p.partitionings.flatMap((x) => x.partitions.map((part) => ({ graph: x.graph.name, part })));
  return table(
    ["partition", "graph", "ops", "MACs", "", "bytes in", "bytes out"],
    all.map(({ graph, part }, i) => {
      const macs = part.nodes.reduce((n, x) => n + (macsOf(x) ?? 0), 0);
      const bytes = boundaryBytes(part);
      return [
        i + 1,
        graph,
        count(part.nodes.length),
        scaled(macs, "MAC"),
        p.macs.all ? bar(macs / p.macs.all) : "",
        scaled(bytes.in, "B"),
        scaled(bytes.out, "B"),
      ];
    }),
    [0, 2, 3, 5, 6],
  );
}
