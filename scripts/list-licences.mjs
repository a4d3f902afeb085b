// `pnpm licences`: writes docs/licences.md, the packages that users of tflower install, with their licences. `--check` writes nothing and
// fails where the list is not what is installed, or where a licence is not one that asks for no more than to be named.
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const permissive =
  /^\(?(MIT|ISC|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|0BSD|Unlicense|CC0-1\.0|BlueOak-1\.0\.0)( (AND|OR) [\w.-]+)*\)?$/;
const read = (path) => JSON.parse(readFileSync(path, "utf8"));

/** The manifest of a package as `from` would import it. */
function manifestOf(name, from) {
  for (const folder of createRequire(from).resolve.paths(name) ?? []) {
    const path = join(folder, name, "package.json");
    if (existsSync(path)) return realpathSync(path);
  }
  throw new Error(`${name}, a dependency of ${from}, is not installed: run pnpm install`);
}

const found = new Map();
function visit(path, by) {
  const { name, version, license, dependencies = {} } = read(path);
  const own = name === "tflower" || name.startsWith("@tflower/");
  const key = `${name} ${version}`;
  if (!own) {
    const known = found.get(key);
    if (known) {
      known.by.add(by);
      return;
    }
    found.set(key, { name, version, license: license ?? "none stated", by: new Set([by]) });
  }
  for (const dependency of Object.keys(dependencies)) visit(manifestOf(dependency, path), own ? name : by);
}
for (const folder of readdirSync(join(root, "packages"))) visit(join(root, "packages", folder, "package.json"), folder);

const rows = [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
/** A table as the formatter wants it. */
function table(all) {
  const widths = all[0].map((_, i) => Math.max(3, ...all.map((r) => r[i].length)));
  const line = (r) => `| ${r.map((c, i) => c.padEnd(widths[i])).join(" | ")} |`;
  return [line(all[0]), line(widths.map((w) => "-".repeat(w))), ...all.slice(1).map(line)].join("\n");
}
const text = `# Licences

tflower is under Apache-2.0. These are the packages that come with it when it is installed, written by \`pnpm licences\`.

${table([["package", "version", "licence", "for"], ...rows.map((r) => [r.name, r.version, r.license, [...r.by].sort().join(", ")])])}

The schema of \`.tflite\` files and the tables of operator versions and kernels follow those of LiteRT and TensorFlow, both under
Apache-2.0.
`;
const path = join(root, "docs/licences.md");
const restrictive = rows.filter((r) => !permissive.test(r.license));
for (const r of restrictive) console.error(`${r.name} ${r.version}: ${r.license} may ask for more than to be named`);
if (restrictive.length) process.exitCode = 1;
if (!process.argv.includes("--check")) writeFileSync(path, text);
else if (!existsSync(path) || readFileSync(path, "utf8") !== text) {
  console.error("docs/licences.md is not what is installed: run pnpm licences");
  process.exitCode = 1;
}
if (!process.exitCode) console.log(`${rows.length} packages, all under permissive licences`);
