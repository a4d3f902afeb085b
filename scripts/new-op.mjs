// `pnpm new-op "foo(Tensor self, int dim=0) -> Tensor" [family]`: writes the files of one aten op, ready to fill in.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const [schema, family] = process.argv.slice(2);
const parsed = /^(?:aten::)?([\w.]+)\((.*)\) -> (.+)$/.exec(schema ?? "");
if (!parsed) {
  console.error(
    'usage: pnpm new-op "NAME(ARGUMENTS) -> RESULTS" [FAMILY]\n  the line is PyTorch\'s own: python -c "import torch; print(torch.ops.aten.NAME.default._schema)"',
  );
  process.exit(2);
}
const [, name, args] = parsed;
const [base, overload] = name.split(".");
const camel = [base, overload ?? ""]
  .join("_")
  .replace(/_+(\w)/g, (_, c) => c.toUpperCase())
  .replace(/_+$/, "");
const file = family ?? base.replace(/^_+/, "").replaceAll("_", "-");
const root = join(fileURLToPath(new URL("../packages/ops-aten/", import.meta.url)));
const tensors = args
  .split(/, (?![^[]*\])/)
  .filter((a) => a.startsWith("Tensor"))
  .map((a) => a.split(" ")[1].split("=")[0]);
const first = tensors[0] ?? "self";

/** Appends to a file of the family, or makes it; refuses to declare an op twice. */
function write(path, head, body) {
  const full = join(root, path);
  if (existsSync(full) && readFileSync(full, "utf8").includes(`export const ${camel} `)) {
    console.error(`${path} declares ${camel} already`);
    process.exit(1);
  }
  if (existsSync(full)) appendFileSync(full, `\n${body}`);
  else writeFileSync(full, `${head}\n${body}`);
  console.log(path);
}
function register(path) {
  const index = join(root, path, "index.ts");
  const line = `export * from "./${file}.ts";`;
  const text = existsSync(index) ? readFileSync(index, "utf8") : "";
  if (!text.includes(line))
    writeFileSync(index, `${[...text.split("\n").filter((l) => l && l !== "export {};"), line].sort().join("\n")}\n`);
}

write(
  `src/dialect/${file}.ts`,
  'import { mapNumbers } from "../semantics/pointwise.ts";\nimport { defineAten } from "../schema/aten-schema.ts";\n',
  `export const ${camel} = defineAten("${schema.replace(/^aten::/, "")}", {
  summary: "Say in one sentence what it computes.",
  infer: ({ ${first} }) => ${first},
  evaluate: ({ ${first} }, _, [type]) => mapNumbers(type!, [${first}], (x) => x),
});
`,
);
register("src/dialect");
write(
  `src/lower/${file}.ts`,
  `import { defineLowering, reject } from "@tflower/core";\nimport { tfl } from "@tflower/backend-tflite";\nimport * as aten from "../dialect/${file}.ts";\n`,
  `export const ${camel} = defineLowering(aten.${camel}, ({ ${first} }, _, emit) =>
  ${first}.type.dtype === "f32" ? emit(tfl.abs, { input: ${first} }) : reject("is lowered for float32 only"),
);
`,
);
register("src/lower");
write(
  `test/${file}.test.ts`,
  'import { tensorData } from "@tflower/core";\nimport { equivalent } from "@tflower/testing";\nimport { expect, test } from "vitest";\n' +
    `import * as aten from "../src/dialect/${file}.ts";\nimport * as lower from "../src/lower/${file}.ts";\n`,
  `test("${name} computes what PyTorch computes", () => {
  const ${first} = tensorData("f32", [3], [-1, 0, 2]);
  const out = aten.${camel}.evaluate!({ ${first} } as never, {} as never, [${first}.type]);
  // values from PyTorch: torch.${base}(torch.tensor([-1., 0., 2.]))
  expect(Array.from((out as typeof ${first}).data as Float32Array)).toEqual([-1, 0, 2]);
});
test("${name} keeps its meaning when it is lowered", equivalent(lower.${camel}));
`,
);
console.log(
  `\nNext: say what it computes (summary, infer, evaluate), lower it, put PyTorch's values into the test, and run\n  npx vitest run packages/ops-aten/test/${file}.test.ts`,
);
