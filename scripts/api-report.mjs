// `pnpm api-report`: writes what each package exports to docs/api-reports, one text per entry, so that a change of the public API is
// seen in its diff. `--check` writes nothing and fails where a text is not what the sources say. Needs a build.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const target = join(root, "docs/api-reports");
const check = process.argv.includes("--check");

/** Entries of every package: name, file of declarations, and the text that reports it. */
const entries = readdirSync(join(root, "packages"))
  .sort()
  .flatMap((folder) => {
    const { name, exports } = JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8"));
    return Object.entries(exports).map(([path, { types }]) => ({
      specifier: name + path.slice(1),
      declarations: join(root, "packages", folder, types),
      report: `${folder}${path.slice(1).replaceAll("/", "-")}.txt`,
    }));
  });
const missing = entries.find((e) => !existsSync(e.declarations));
if (missing) {
  console.error(`${missing.declarations} is not there: run npx tsc -b first`);
  process.exit(2);
}
const program = ts.createProgram(
  entries.map((e) => e.declarations),
  {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    skipLibCheck: true,
    noEmit: true,
  },
);
const checker = program.getTypeChecker();
const printer = ts.createPrinter({ removeComments: true });

const isHidden = (node) =>
  ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private ||
  ts.getJSDocTags(node).some((t) => t.tagName.text === "internal") ||
  (node.name && ts.isPrivateIdentifier(node.name));

/** A declaration as it is written, without comments and what is not public. */
function textOf(declaration) {
  const holder = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  const visible = ts.transform(holder, [
    (context) => (top) => {
      const visit = (n) =>
        (ts.isClassElement(n) || ts.isTypeElement(n)) && isHidden(n) ? undefined : ts.visitEachChild(n, visit, context);
      return ts.visitNode(top, visit);
    },
  ]).transformed[0];
  return printer
    .printNode(ts.EmitHint.Unspecified, visible, declaration.getSourceFile())
    .replace(/^export (declare )?/, "")
    .replace(/^declare /, "");
}

/** One export: its declarations, or the names of a module that is exported as one. */
function show(symbol) {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const [first] = target.declarations ?? [];
  if (first && ts.isSourceFile(first)) {
    const names = checker.getExportsOfModule(target).map((s) => s.name);
    return `namespace ${symbol.name}: ${names.sort().join(", ")}`;
  }
  const texts = (target.declarations ?? []).map(textOf);
  return (target.name === symbol.name ? "" : `${symbol.name} = `) + [...new Set(texts)].join("\n");
}

mkdirSync(target, { recursive: true });
const stale = [];
for (const { specifier, declarations, report } of entries) {
  const module = checker.getSymbolAtLocation(program.getSourceFile(declarations));
  const symbols = checker.getExportsOfModule(module).sort((a, b) => (a.name < b.name ? -1 : 1));
  // what an umbrella package passes on is reported by the package it comes from
  const own = symbols.filter((s) => {
    const from = (s.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(s) : s).declarations?.[0]?.getSourceFile();
    return from?.fileName.startsWith(
      join(declarations, "..")
        .replaceAll("\\", "/")
        .replace(/dist\/.*$/, "dist"),
    );
  });
  const others = symbols.length - own.length;
  const text = [
    `What ${specifier} exports. Written by pnpm api-report; changes here are changes of the public API.`,
    ...(others ? [`${others} exports are passed on from other packages.`] : []),
    ...own.map(show),
    "",
  ].join("\n\n");
  const path = join(target, report);
  const before = existsSync(path) ? readFileSync(path, "utf8") : undefined;
  if (before === text) continue;
  stale.push(report);
  if (!check) writeFileSync(path, text);
}
if (check && stale.length) {
  console.error(`the public API has changed: ${stale.join(", ")}. Run pnpm api-report and look at the difference.`);
  process.exitCode = 1;
} else console.log(stale.length ? `written: ${stale.join(", ")}` : "the API reports are up to date");
