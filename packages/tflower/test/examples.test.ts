import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const packages = readdirSync(join(root, "packages"));
const nameOf = (folder: string): string => (folder === "tflower" ? folder : `@tflower/${folder}`);

/** What a reader of an example has at hand. */
const atHand = `
import type * as core from "@tflower/core";
import type { RuntimeTensor } from "@tflower/runtime-litert";
declare global {
  const bytes: Uint8Array;
  const file: File;
  const image: RuntimeTensor;
  const graph: core.Graph;
  const module: core.Module;
  const compiler: core.Compiler;
  const samples: readonly (readonly core.TensorData[])[];
  const got: unknown;
  const expected: core.TensorData;
  const cleanUp: core.PassFactory;
  const optimizeLayout: core.PassFactory;
  const myPass: core.PassFactory;
  const lowerSwish: core.Lowering<any>;
  const lower: Readonly<Record<"relu" | "conv2d", core.Lowering<any>>>;
}
`;

interface Example {
  readonly title: string;
  readonly text: string;
  /** An example in a comment leaves out its imports: every export of the workspace is at hand. */
  readonly importsAll: boolean;
  readonly package: string;
  /** Its name, where it has one. */
  readonly file?: string;
}

function examplesOf(folder: string): Example[] {
  const readme = readFileSync(join(root, "packages", folder, "README.md"), "utf8");
  const blocks = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((m, i) => ({
    title: `${folder}/README.md, block ${i + 1}`,
    text: m[1]!,
    importsAll: false,
    package: folder,
  }));
  const src = join(root, "packages", folder, "src");
  const comments = (readdirSync(src, { recursive: true }) as string[])
    .filter((f) => f.endsWith(".ts"))
    .sort()
    .flatMap((f) =>
      [
        ...readFileSync(join(src, f), "utf8").matchAll(
          /@example\n([\s\S]*?)\n\s*\*\/\s*\n.*?(?:function|const|class|interface) (\w+)/g,
        ),
      ].map((m) => ({
        title: `${folder}/src/${f}: ${m[2]}`,
        text: m[1]!.replaceAll(/^\s*\* ?/gm, ""),
        importsAll: true,
        package: folder,
      })),
    );
  return [...blocks, ...comments];
}
/** Pages of the repository that show code, and files of code that shows what does not compile. */
const pages = ["README.md", "CONTRIBUTING.md", ...listed("docs/guides", ".md"), ...listed("docs/design", ".md")];
function listed(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder))
    .filter((f) => f.endsWith(ending))
    .map((f) => `${folder}/${f}`);
}
const examples: readonly Example[] = [
  ...packages.flatMap(examplesOf),
  ...pages.flatMap((page) =>
    [...readFileSync(join(root, page), "utf8").matchAll(/^```ts(.*)\n([\s\S]*?)^```$/gm)].map((m, i) => ({
      title: `${page}, block ${i + 1}`,
      text: m[2]!,
      importsAll: /\bskip\b/.test(m[1]!),
      package: "tflower",
      // other blocks import it by this name
      ...(/file=(\S+)/.test(m[1]!) && { file: /file=(\S+)/.exec(m[1]!)![1]! }),
    })),
  ),
  ...listed("packages/tflower/test/types", ".ts").map((f) => ({
    title: f,
    text: readFileSync(join(root, f), "utf8"),
    importsAll: false,
    package: "tflower",
  })),
];

const pathOf = (i: number): string => join(root, "packages/tflower/test", examples[i]!.file ?? `example-${i}.ts`);
const virtual = new Map<string, string>([[join(root, "packages/tflower/test/at-hand.ts"), atHand]]);
const sourceOf = (specifier: string): string => {
  const [, name, sub] = /^(?:@tflower\/)?([\w-]+)(?:\/(.+))?$/.exec(specifier)!;
  return join(root, "packages", name!, "src", sub ?? "", "index.ts");
};
const entries = [...packages.map(nameOf), "@tflower/testing/vitest"];
const options: ts.CompilerOptions = {
  ...ts.parseJsonConfigFileContent({ extends: "./tsconfig.base.json", files: [] }, ts.sys, root).options,
  composite: false,
  declaration: false,
  declarationMap: false,
  noEmit: true,
  noUnusedLocals: false,
  types: ["node"],
  baseUrl: undefined,
  paths: Object.fromEntries(entries.map((e) => [e, [sourceOf(e)]])),
};

/** Imports of what an example names and does not bring along. */
function importsFor(e: Example, exportsOf: ReadonlyMap<string, readonly string[]>): string {
  if (!e.importsAll) return "";
  const words = new Set(e.text.match(/\b[A-Za-z_]\w*\b/g));
  const taken = new Set(
    [...e.text.matchAll(/\b(?:const|let|function|class) (\w+)|[[{,] ?(\w+)(?= ?[,\]}].* = )/g)].map(
      (m) => m[1] ?? m[2]!,
    ),
  );
  const lines: string[] = [`import { expect, test } from "vitest";`];
  const specifiers = [nameOf(e.package), ...exportsOf.keys()];
  for (const specifier of new Set(specifiers)) {
    const names = exportsOf.get(specifier)!.filter((n) => words.has(n) && !taken.has(n));
    for (const n of names) taken.add(n);
    if (names.length) lines.push(`import { ${names.join(", ")} } from "${specifier}";`);
  }
  return `${lines.join("\n")}\n`;
}

function check(): ReadonlyMap<string, readonly string[]> {
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (f) => virtual.get(f) ?? readFile(f);
  host.fileExists = (f) => virtual.has(f) || fileExists(f);
  const parsed = new Map<string, ts.SourceFile | undefined>();
  host.getSourceFile = (f, o, ...rest) => {
    const text = virtual.get(f);
    if (text !== undefined) return ts.createSourceFile(f, text, o);
    if (!parsed.has(f)) parsed.set(f, getSourceFile(f, o, ...rest));
    return parsed.get(f);
  };
  const surface = ts.createProgram(entries.map(sourceOf), options, host);
  const checker = surface.getTypeChecker();
  const exportsOf = new Map(
    entries.map((e) => {
      const symbol = checker.getSymbolAtLocation(surface.getSourceFile(sourceOf(e))!)!;
      const values = (s: ts.Symbol): number =>
        (s.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(s) : s).flags & ts.SymbolFlags.Value;
      return [
        e,
        checker
          .getExportsOfModule(symbol)
          .filter(values)
          .map((s) => s.name),
      ] as const;
    }),
  );
  for (const [i, e] of examples.entries()) virtual.set(pathOf(i), `${importsFor(e, exportsOf)}${e.text}\nexport {};\n`);
  const program = ts.createProgram([...virtual.keys()], options, host, surface);
  return new Map(
    examples.map((e, i) => {
      const file = program.getSourceFile(pathOf(i))!;
      const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      return [
        e.title,
        found.map(
          (d) =>
            `${file.text.slice(0, d.start).split("\n").length}: ${ts.flattenDiagnosticMessageText(d.messageText, "\n")}`,
        ),
      ];
    }),
  );
}

test("every example of the READMEs and of the API's comments type-checks", { timeout: 120_000 }, () => {
  const problems = check();
  expect(Object.fromEntries([...problems].filter(([, found]) => found.length))).toEqual({});
  expect(problems.size).toBe(examples.length);
});

test.each([
  "tflower/src/convert.ts: convert",
  "core/src/compiler.ts: Compiler",
  "core/src/op/define-op.ts: defineOp",
  "core/src/pass/define-pass.ts: definePass",
  "core/src/rewrite/define-lowering.ts: defineLowering",
  "core/src/rewrite/define-rule.ts: defineRule",
  "ops-aten/src/schema/aten-schema.ts: defineAten",
  "backend-tflite/src/dialect/define-tfl.ts: defineTfl",
  "backend-tflite/src/dialect/define-tfl.ts: defineTflCustom",
  "backend-tflite/src/file/write-tflite.ts: writeTflite",
  "backend-tflite/src/read/from-tflite-file.ts: fromTfliteFile",
  "frontend-pt2/src/read-pt2.ts: readPt2",
  "runtime-litert/src/litert-model.ts: loadModel",
  "testing/src/equivalence/equivalent.ts: equivalent",
])("%s has an example", (title) => {
  expect(examples.map((e) => e.title)).toContain(title);
});

test.each(packages)("%s has a README with an example", (folder) => {
  expect(existsSync(join(root, "packages", folder, "README.md"))).toBe(true);
  expect(examples.some((e) => e.title.startsWith(`${folder}/README.md`))).toBe(true);
});
