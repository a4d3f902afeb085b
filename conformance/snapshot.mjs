// Turns a judge's results into a text snapshot: node conformance/snapshot.mjs ops|models RESULTS.json
import { readFileSync, writeFileSync } from "node:fs";

const [kind, results] = process.argv.slice(2);
if (!["ops", "models"].includes(kind) || !results) {
  console.error("usage: node conformance/snapshot.mjs ops|models RESULTS.json");
  process.exit(2);
}
const cases = Object.entries(JSON.parse(readFileSync(results, "utf8"))).sort(([a], [b]) => (a < b ? -1 : 1));
const count = (status) => cases.filter(([, r]) => r.status === status).length;
const out = [
  `${count("ok")}/${cases.length} ok, refused ${count("refused")}, wrong ${count("wrong")}, invalid ${count("invalid")}, crash ${count("crash")}`,
  "",
];
if (kind === "ops") {
  const refused = new Map();
  for (const [, r] of cases)
    if (r.status === "refused") refused.set(r.op ?? r.code ?? "?", (refused.get(r.op ?? r.code ?? "?") ?? 0) + 1);
  for (const [op, n] of [...refused].sort(([a], [b]) => (a < b ? -1 : 1)))
    out.push(`refused ${String(n).padStart(3)}  ${op}`);
  for (const [name, r] of cases)
    if (r.status !== "ok" && r.status !== "refused") out.push(`${r.status}  ${name}  ${r.error}`);
} else {
  out.push(`${"model".padEnd(36)} status    ops  transposes  partitions       bytes  snr dB`);
  for (const [name, r] of cases)
    out.push(
      `${name.padEnd(36)} ${r.status.padEnd(8)} ${String(r.ops ?? "-").padStart(4)} ${String(r.transposes ?? "-").padStart(11)} ${String(r.partitions ?? "-").padStart(11)} ${String(r.bytes ?? "-").padStart(11)}  ${r.status === "ok" ? (r.snr_db === null || r.snr_db === undefined ? "exact" : Math.round(r.snr_db)) : (r.error ?? "")}`,
    );
}
writeFileSync(new URL(`${kind}.snap.txt`, import.meta.url), `${out.join("\n")}\n`);
console.log(out[0]);
