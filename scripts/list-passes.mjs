// `pnpm passes`: writes docs/passes.md, every pass that pipelines may name and the stages they stand in, from their declarations. `--check`
// writes nothing and fails where the list is not what the sources say. Needs a build.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createCompiler, knownPasses, showAttr, stageNames } from "tflower";

const path = join(dirname(fileURLToPath(import.meta.url)), "../docs/passes.md");
const compiler = createCompiler();
const cell = (text) => text.replaceAll("|", "\\|");
const option = ([name, a]) =>
  `\`${name}\`: ${a.expected}${a.hasDefault ? `; \`${showAttr(a, a.default)}\`` : ""}${a.summary ? ` (${a.summary})` : ""}`;

function table(rows) {
  const widths = rows[0].map((_, i) => Math.max(3, ...rows.map((r) => r[i].length)));
  const line = (r) => `| ${r.map((c, i) => c.padEnd(widths[i])).join(" | ")} |`;
  return [line(rows[0]), line(widths.map((w) => "-".repeat(w))), ...rows.slice(1).map(line)].join("\n");
}
const passes = [...knownPasses(compiler).passes].map((p) => p.info).sort((a, b) => (a.name < b.name ? -1 : 1));
const rows = passes.map((p) => [
  `\`${p.name}\``,
  cell(p.summary),
  cell(Object.entries(p.options).map(option).join("<br>")),
  [...p.requires.map((r) => `\`${r}\``), ...p.after.map((a) => `\`${a}\` if there`)].join(", "),
]);
const text = `# Passes

What \`tflower opt --passes\` and \`parsePasses\` know, written by \`pnpm passes\` from the passes' declarations. See
[Compose a pipeline](guides/compose-a-pipeline.md).

${table([["pass", "what it does", "options", "comes after"], ...rows])}

## Stages

A stage's name stands for its passes; \`all\` for every one, in this order.

${stageNames.map((s) => `### ${s}\n\n\`\`\`text\n${compiler.pipeline[s].map((p) => p.text).join("\n")}\n\`\`\``).join("\n\n")}
`;
if (!process.argv.includes("--check")) writeFileSync(path, text);
else if (!existsSync(path) || readFileSync(path, "utf8") !== text) {
  console.error("docs/passes.md is not what the sources say: run pnpm passes");
  process.exitCode = 1;
}
if (!process.exitCode) console.log(`${passes.length} passes`);
