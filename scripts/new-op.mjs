// `pnpm new-op "foo(Tensor self, int dim=0) -> Tensor" [family]`: writes the declaration, the lowering and the test of one aten op.
// They type-check and run, and the test fails until somebody has said what the op computes and how it is lowered.
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const argv = process.argv.slice(2);
const into = argv.indexOf("--into");
/** The package that the op goes to; `--into FOLDER` names another one of the same form. */
const root =
  into >= 0
    ? resolve(argv.splice(into, 2)[1] ?? ".")
    : fileURLToPath(new URL("../packages/ops-aten/", import.meta.url));
const shown = into >= 0 ? root : "packages/ops-aten";

function stop(message, code = 1) {
  console.error(message);
  process.exit(code);
}

const [given, family] = argv;
const schema = given?.trim().replace(/^aten::/, "");
const parsed = /^((?:\w+::)?[\w.]+)\((.*)\) -> (.+)$/.exec(schema ?? "");
if (!parsed)
  stop(
    'usage: pnpm new-op "NAME(ARGUMENTS) -> RESULTS" [FAMILY]\n' +
      '  The line is PyTorch\'s own: python -c "import torch; print(torch.ops.aten.NAME.default._schema)"\n' +
      "  FAMILY is the file that the op goes to, when it belongs to others: clamp, pooling, ...",
    2,
  );
const [, name, argumentText, results] = parsed;
const [base, overload] = name.replace(/^\w+::/, "").split(".");
if (/!\)/.test(argumentText) || (base.endsWith("_") && !base.endsWith("__")))
  stop(`"${name}" writes to an operand; declare the op without side effects, and the in-place one follows from it`, 2);

/** Arguments of the line. */
const args = argumentText
  .split(/, (?![^[]*\])/)
  .filter((a) => a && a !== "*")
  .map((a) => {
    const m = /^(\S+) (\w+)(?:=(.*))?$/.exec(a);
    if (!m) stop(`"${a}" is no argument of a schema line`, 2);
    return { type: m[1].replace(/\([^)]*\)/, ""), name: m[2], fallback: m[3] };
  });
const tensors = args.filter((a) => a.type.startsWith("Tensor"));
const required = args.filter((a) => !a.type.startsWith("Tensor") && a.fallback === undefined);

const words =
  "var in with new delete switch case default class const enum export extends for if import let null return";
const reserved = new Set(`${words} static super this throw true false typeof void while yield await`.split(" "));
const camel = [base, overload ?? ""]
  .join("_")
  .replace(/^_+/, "")
  .replace(/_+(\w)/g, (_, c) => c.toUpperCase())
  .replace(/_+$/, "");
const id = reserved.has(camel) ? `${camel}Op` : camel;
const file =
  family ??
  base
    .replace(/^_+|_+$/g, "")
    .replaceAll("_", "-")
    .toLowerCase();

for (const f of readdirSync(join(root, "src/dialect")).filter((f) => f.endsWith(".ts"))) {
  const text = readFileSync(join(root, "src/dialect", f), "utf8");
  if (text.includes(`"${name}(`)) stop(`src/dialect/${f} declares ${name} already`);
  if (new RegExp(`export const ${id}\\b`).test(text))
    stop(`src/dialect/${f} exports another "${id}": give the op a name of its own by hand`);
}

/** What a first guess at the result's type is made of. */
function typeOf({ type, name }) {
  if (type.endsWith("[]")) return `${name}[0]!`;
  return type.endsWith("?") ? `${name} ?? invalid("needs ${name}")` : name;
}
const first = tensors.find((t) => t.type === "Tensor") ?? tensors[0];
const guess = first ? typeOf(first) : 'tensor("f32", [])';
const count = results === "()" ? 0 : results.startsWith("(") ? results.split(",").length : 1;
const inferred = count === 1 ? guess : `[${Array.from({ length: count }, () => guess).join(", ")}]`;
const written = [];
const needs = [inferred.includes("invalid(") && "invalid", inferred.includes("tensor(") && "tensor"].filter(Boolean);

/** Values for attributes that have no default, by their type. */
const samples = { int: "1", SymInt: "1", bool: "false", float: "0.5", Scalar: "1n", str: '""', ScalarType: '"f32"' };
const sampleOf = (type) => (type.endsWith("?") ? "undefined" : (listOf(type) ?? samples[type] ?? "undefined"));
/** A list of the length that the type asks for, as `int[2]` does. */
function listOf(type) {
  const m = /^(\w+)\[(\d*)\]$/.exec(type);
  return m
    ? `[${Array.from({ length: Number(m[2] || 1) }, () => samples[m[1]] ?? "undefined").join(", ")}]`
    : undefined;
}

/** What `text` imports from a module already. */
const importsFrom = (text, from) =>
  [...text.matchAll(/^import (?:type )?([\s\S]*?) from (".+?");$/gm)]
    .filter((m) => m[2] === from)
    .map((m) => m[1])
    .join(" ");

/** Puts a declaration into a file of its family, or makes the file. */
function write(path, imports, body) {
  const full = join(root, path);
  if (existsSync(full)) {
    const text = readFileSync(full, "utf8");
    const missing = imports.flatMap((line) => {
      const [, names, from] = /^import (.+) from (".+");$/.exec(line);
      const there = importsFrom(text, from);
      if (names.startsWith("*")) return there.includes(names) ? [] : [line];
      const left = names.match(/\w+/g).filter((n) => !new RegExp(`\\b${n}\\b`).test(there));
      return left.length ? [`import { ${left.join(", ")} } from ${from};`] : [];
    });
    if (missing.length) writeFileSync(full, `${missing.join("\n")}\n${text}`);
    appendFileSync(full, `\n${body}`);
  } else writeFileSync(full, `${imports.join("\n")}\n\n${body}`);
  written.push(full);
  console.log(`${shown}/${path}`);
}
function register(folder) {
  const index = join(root, folder, "index.ts");
  const line = `export * from "./${file}.ts";`;
  const text = readFileSync(index, "utf8");
  if (!text.includes(line)) writeFileSync(index, `${text.trimEnd()}\n${line}\n`);
}

write(
  `src/dialect/${file}.ts`,
  [
    ...(needs.length ? [`import { ${needs.join(", ")} } from "@tflower/core";`] : []),
    'import { defineAten } from "../schema/aten-schema.ts";',
  ],
  `export const ${id} = defineAten(${JSON.stringify(schema)}, {
  summary: "TODO: say in one sentence what it computes.",
  // TODO: the type of the result, with \`invalid("why")\` where operands and attributes do not fit together
  infer: (${inferred.includes(first?.name ?? "\0") ? `{ ${first.name} }` : ""}) => ${inferred},
  // TODO: reference semantics, written for reading: (operands, attributes, types of the results) => elements
  evaluate: (): never => {
    throw new Error("TODO: say what ${name} computes");
  },
});
`,
);
register("src/dialect");
const takes = tensors.length ? `{ ${tensors.map((t) => t.name).join(", ")} }` : "_";
write(
  `src/lower/${file}.ts`,
  ['import { defineLowering, reject } from "@tflower/core";', `import * as aten from "../dialect/${file}.ts";`],
  `// TODO: for example (${takes}, ${args.length > tensors.length ? "attributes" : "_"}, emit) => emit(tfl.abs, { input: ${first?.name ?? "..."} })
export const ${id} = defineLowering(aten.${id}, () => reject("TODO: say how ${name} is lowered"));
`,
);
register("src/lower");

const value = ({ type }) => {
  const one = '{ data: tensorData("f32", [3], [-1, 0, 2]), constant: false }';
  return type.endsWith("[]") ? `[${one}]` : type.endsWith("?") ? "undefined" : one;
};
const operands = tensors.map((t) => `${t.name}: ${value(t)}`).join(", ");
write(
  `test/${file}.test.ts`,
  [
    `import { runGraph${operands.includes("tensorData") ? ", tensorData" : ""} } from "@tflower/core";`,
    'import { equivalent, programOf } from "@tflower/testing";',
    'import { expect, test } from "vitest";',
    `import * as aten from "../src/dialect/${file}.ts";`,
    `import * as lower from "../src/lower/${file}.ts";`,
  ],
  `test("${name} computes what PyTorch computes", async () => {
  const { module, inputs } = programOf({
    op: aten.${id},
    operands: { ${operands} },
    attrs: {${required.map((a) => ` ${a.name}: ${sampleOf(a.type)}`).join(",")}${required.length ? " " : ""}},
  });
  const results = await runGraph(module.find("main")!, inputs);
  // TODO: what torch.ops.${name.includes("::") ? name.replace("::", ".") : `aten.${name}`} gives for the same
  expect(results.map((r) => Array.from(r.data as Float32Array))).toEqual(["TODO: PyTorch's values"]);
});
test("${name} keeps its meaning when it is lowered", equivalent(lower.${id}));
`,
);
// long names make long lines
const biome = fileURLToPath(new URL("../node_modules/@biomejs/biome/bin/biome", import.meta.url));
if (into < 0 && existsSync(biome)) spawnSync(process.execPath, [biome, "format", "--write", ...written]);
console.log(
  `\nThese type-check, and their tests fail: every TODO says what is missing. Then\n  npx vitest run ${shown}/test/${file}.test.ts`,
);
