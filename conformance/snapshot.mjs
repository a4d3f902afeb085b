// Turns a judge's results into a text snapshot, or holds them against the one that is committed:
//   node conformance/snapshot.mjs ops|models RESULTS.json [--check]
import { readFileSync, writeFileSync } from "node:fs";

const [kind, results, flag] = process.argv.slice(2);
if (!["ops", "models"].includes(kind) || !results || (flag !== undefined && flag !== "--check")) {
  console.error("usage: node conformance/snapshot.mjs ops|models RESULTS.json [--check]");
  process.exit(2);
}
const snapshot = new URL(`${kind}.snap.txt`, import.meta.url);
const cases = Object.entries(JSON.parse(readFileSync(results, "utf8"))).sort(([a], [b]) => (a < b ? -1 : 1));
const count = (status) => cases.filter(([, r]) => r.status === status).length;
const summary = `${count("ok")}/${cases.length} ok, refused ${count("refused")}, wrong ${count("wrong")}, invalid ${count("invalid")}, crash ${count("crash")}`;

if (flag === "--check") check();
else {
  writeFileSync(snapshot, `${[summary, "", ...(kind === "ops" ? opRows() : modelRows())].join("\n")}\n`);
  console.log(summary);
}

function opRows() {
  const refused = new Map();
  for (const [, r] of cases)
    if (r.status === "refused") refused.set(r.op ?? r.code ?? "?", (refused.get(r.op ?? r.code ?? "?") ?? 0) + 1);
  const rows = [...refused]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([op, n]) => `refused ${String(n).padStart(3)}  ${op}`);
  for (const [name, r] of cases)
    if (r.status !== "ok" && r.status !== "refused") rows.push(`${r.status}  ${name}  ${r.error}`);
  return rows;
}

function modelRows() {
  const outcome = (r) => {
    if (r.status !== "ok") return r.error ?? "";
    return r.snr_db === null || r.snr_db === undefined ? "exact" : Math.round(r.snr_db);
  };
  return [
    `${"model".padEnd(36)} status    ops  transposes  partitions       bytes  snr dB`,
    ...cases.map(
      ([name, r]) =>
        `${name.padEnd(36)} ${r.status.padEnd(8)} ${String(r.ops ?? "-").padStart(4)} ${String(r.transposes ?? "-").padStart(11)} ${String(r.partitions ?? "-").padStart(11)} ${String(r.bytes ?? "-").padStart(11)}  ${outcome(r)}`,
    ),
  ];
}

/** What got worse: a model that is no longer right, 3 % more ops or bytes, 3 dB less, or anything wrong, invalid or crashed. */
function check() {
  const worse = [];
  for (const status of ["wrong", "invalid", "crash"])
    for (const [name, r] of cases) if (r.status === status) worse.push(`${name}: ${status}: ${r.error ?? ""}`);
  if (kind === "models") {
    const rows = readFileSync(snapshot, "utf8").split("\n").slice(3);
    const before = new Map(
      rows
        .filter(Boolean)
        .map((row) => row.trim().split(/\s+/))
        .map((f) => [f[0], f]),
    );
    for (const [name, r] of cases) {
      const [, status, ops, , , bytes, snr] = before.get(name) ?? [];
      if (status === "ok" && r.status === "refused") worse.push(`${name}: refused, and was ok: ${r.error ?? ""}`);
      if (status !== "ok" || r.status !== "ok") continue;
      if (r.ops > Number(ops) * 1.03) worse.push(`${name}: ${r.ops} ops, were ${ops}`);
      if (r.bytes > Number(bytes) * 1.03) worse.push(`${name}: ${r.bytes} bytes, were ${bytes}`);
      if (typeof r.snr_db === "number" && r.snr_db < Number(snr) - 3.5)
        worse.push(`${name}: ${Math.round(r.snr_db)} dB, were ${snr}`);
    }
  } else {
    const was = Number(/^(\d+)\//.exec(readFileSync(snapshot, "utf8"))?.[1]);
    if (count("ok") < was) worse.push(`${count("ok")} ok, were ${was}`);
  }
  for (const line of worse) console.log(line);
  console.log(`${summary}; ${worse.length} worse than the snapshot`);
  process.exitCode = worse.length ? 1 : 0;
}
