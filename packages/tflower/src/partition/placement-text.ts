import { boundaryBytes, bytesOfValue, type Partition, showType, type Value } from "@tflower/core";
import { scaled } from "../report/html-parts.ts";
import { macsOf } from "../report/node-facts.ts";
import { opCounts, opName, opNames, valueName, whereOf } from "./node-words.ts";
import type { Placement } from "./placement.ts";

const plural = (n: number, one: string): string => `${n} ${one}${n === 1 ? "" : "s"}`;
/** Lines of a list, and how many are left out. */
function some(lines: readonly string[], most: number): readonly string[] {
  return lines.length <= most ? lines : [...lines.slice(0, most), `… and ${lines.length - most} more`];
}
const value = (v: Value): string => {
  const bytes = bytesOfValue(v);
  return `${valueName(v) ?? "(no name)"}: ${showType(v.type).slice(0, 80)}, ${bytes === undefined ? "size not known" : scaled(bytes, "B")}`;
};

function partitionLines(p: Partition, number: number, macs: number): readonly string[] {
  const bytes = boundaryBytes(p);
  const unknown = bytes.unknown ? `, and ${plural(bytes.unknown, "tensor")} of unknown size` : "";
  return [
    `partition ${number}: ${plural(p.nodes.length, "op")}, ${scaled(macs, "MAC")}, ${scaled(bytes.in, "B")} in, ${scaled(bytes.out, "B")} out${unknown}`,
    ...some(
      p.inputs.map((v) => `  in   ${value(v)}`),
      4,
    ),
    ...some(
      p.outputs.map((v) => `  out  ${value(v)}`),
      4,
    ),
  ];
}

/** One line on how the number of partitions compares. */
function countLine({ partitions, fewest, runs, target }: Placement): string {
  const made = target.strategy === "epochs" ? "as the runtime divides it" : "as tflower divides it";
  return `${plural(partitions, "partition")} ${made}; ${fewest} at the least, ${runs} as runs of the file's order`;
}

/** The report for people. `ops` lists every op. */
export function placementText(p: Placement, title: string, ops = false): string {
  const inside = p.nodes.filter((n) => n.partition !== undefined).length;
  const share = p.macs.all
    ? `, ${((100 * p.macs.inside) / p.macs.all).toFixed(1)} % of ${scaled(p.macs.all, "MAC")}`
    : "";
  const out = [`${title}: ${inside} of ${plural(p.nodes.length, "op")} on ${p.target.name}${share}`, countLine(p)];
  if (p.target.note !== undefined && p.partitions > 1) out.push(`note: ${p.target.note}`);
  let number = 0;
  for (const { graph, partitions } of p.partitionings) {
    if (p.partitionings.length > 1 && partitions.length) out.push("", `graph @${graph.name}`);
    for (const x of partitions) {
      const macs = p.nodes.filter((n) => n.partition === number).reduce((n, y) => n + (macsOf(y.node) ?? 0), 0);
      out.push("", ...partitionLines(x, ++number, macs));
    }
  }
  if (p.causes.length) out.push("", `not on ${p.target.name}:`);
  for (const c of p.causes) {
    out.push(`  ${opCounts(c.nodes)}: ${c.reason}`);
    if (c.help !== undefined) out.push(`      help: ${c.help}`);
    const where = [...new Set(c.nodes.map(whereOf).filter((w) => w !== ""))];
    out.push(...some(where, 3).map((w) => `      at ${w}`));
  }
  const changes = p.changes.filter((c) => c.saved > 0);
  if (p.partitions > 1 && p.changes.length) {
    out.push("", "one change:");
    if (changes.length === 0) out.push("  none of these by itself makes fewer partitions");
    for (const c of changes.slice(0, 10)) {
      out.push(
        `  ${c.partitions} instead of ${p.partitions}: ${opNames(c.nodes)} on ${p.target.name}, ${plural(c.nodes.length, "op")}`,
      );
      out.push(`      where ${c.reason}${c.help === undefined ? "" : `; ${c.help}`}`);
    }
  }
  if (ops) {
    out.push("", "ops:");
    for (const n of p.nodes)
      out.push(
        `  ${(n.partition === undefined ? "-" : String(n.partition + 1)).padStart(4)}  ${opName(n.node)} ${(n.node.results[0] && valueName(n.node.results[0])) ?? ""}${n.outside ? `  ${n.outside.reason}` : ""}`,
      );
  }
  return `${out.join("\n")}\n`;
}
