import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { definePlugin, type Lowering, type OpDef } from "@tflower/core";
import { checkLowering } from "@tflower/testing";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const script = join(root, "scripts/new-op.mjs");

/** A copy of the package that ops go to. */
let folder: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "tflower-new-op-")));
  cpSync(join(root, "packages/ops-aten/src"), join(folder, "src"), { recursive: true });
  cpSync(join(root, "packages/ops-aten/package.json"), join(folder, "package.json"));
  mkdirSync(join(folder, "test"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
/** Every source of the copy. */
const sources = (): Map<string, string> =>
  new Map(
    (readdirSync(join(folder, "src"), { recursive: true }) as string[])
      .filter((f) => f.endsWith(".ts"))
      .map((f) => [`src/${f.replaceAll("\\", "/")}`, readFileSync(join(folder, "src", f), "utf8")]),
  );
const read = (path: string): string => readFileSync(join(folder, path), "utf8");

/** An op that PyTorch has or that somebody registers, and what is written into the TODOs. */
interface NewOp {
  readonly schema: string;
  readonly id: string;
  readonly file: string;
  readonly dialectImports: string;
  readonly infer: string;
  readonly evaluate: string;
  readonly lowerImports: string;
  readonly lower: string;
}
const newOps: readonly NewOp[] = [
  {
    schema: "demo::star_relu(Tensor x, float scale=0.8944, float bias=-0.4472) -> Tensor",
    id: "starRelu",
    file: "star-relu",
    dialectImports: 'import { invalid, wrap } from "@tflower/core";',
    infer: '({ x }) => (x.dtype === "f32" ? x : invalid("takes float32"))',
    evaluate: `({ x }, { scale, bias }) =>
    wrap(x.type, Float32Array.from(x.data as Float32Array, (v) => scale * Math.max(v, 0) ** 2 + bias))`,
    lowerImports:
      'import { tfl } from "@tflower/backend-tflite";\nimport { mul, plus, times } from "../emit/pointwise.ts";',
    lower: `({ x }, { scale, bias }, emit) => {
  const positive = emit(tfl.relu, { input: x });
  return plus(emit, times(emit, mul(emit, positive, positive), scale), bias);
}`,
  },
  {
    schema: "_test_serialization_subcmul(Tensor self, Tensor other, Scalar alpha=2) -> Tensor",
    id: "testSerializationSubcmul",
    file: "test-serialization-subcmul",
    dialectImports: 'import { invalid, sameType, wrap } from "@tflower/core";',
    infer:
      '({ self, other }) => (self.dtype === "f32" && sameType(self, other) ? self : invalid("takes two of one type"))',
    evaluate: `({ self, other }, { alpha }) => {
    const b = other.data as Float32Array;
    return wrap(self.type, Float32Array.from(self.data as Float32Array, (v, i) => v - Math.fround(b[i]! * Number(alpha))));
  }`,
    lowerImports: 'import { sub, times } from "../emit/pointwise.ts";',
    lower: "({ self, other }, { alpha }, emit) => sub(emit, self, times(emit, other, Number(alpha)))",
  },
  {
    schema: "demo::pixel_norm(Tensor x, float eps=1e-8) -> Tensor",
    id: "pixelNorm",
    file: "pixel-norm",
    dialectImports: 'import { invalid, wrap } from "@tflower/core";',
    infer: '({ x }) => (x.dtype === "f32" && x.shape.length === 4 ? x : invalid("takes float32 images"))',
    evaluate: `({ x }, { eps }) => {
    const [n, c, h, w] = x.type.shape as readonly [number, number, number, number];
    const from = x.data as Float32Array;
    const out = new Float32Array(from.length);
    for (let b = 0; b < n; b++)
      for (let p = 0; p < h * w; p++) {
        const at = (k: number): number => (b * c + k) * h * w + p;
        let sum = 0;
        for (let k = 0; k < c; k++) sum += from[at(k)]! ** 2;
        for (let k = 0; k < c; k++) out[at(k)] = from[at(k)]! / Math.sqrt(sum / c + eps);
      }
    return wrap(x.type, out);
  }`,
    lowerImports: 'import { tfl } from "@tflower/backend-tflite";\nimport { mul, plus } from "../emit/pointwise.ts";',
    lower: `({ x }, { eps }, emit) => {
  const mean = emit(tfl.mean, { input: mul(emit, x, x) }, { axes: [1], keep_dims: true });
  return mul(emit, x, emit(tfl.rsqrt, { input: plus(emit, mean, eps) }));
}`,
  },
];

let before: ts.Program | undefined;
/** Problems that TypeScript has with files of the copy. */
function typeProblems(files: readonly string[]): string[] {
  const { options } = ts.parseJsonConfigFileContent({ extends: "./tsconfig.base.json", files: [] }, ts.sys, root);
  const settings: ts.CompilerOptions = {
    ...options,
    composite: false,
    declaration: false,
    declarationMap: false,
    noEmit: true,
    types: [],
    typeRoots: [join(root, "node_modules/@types")],
    paths: {
      vitest: [join(root, "node_modules/vitest/dist/index.d.ts")],
      "@tflower/backend-tflite/dialect": [join(root, "packages/backend-tflite/src/dialect/index.ts")],
      "@tflower/*": [join(root, "packages/*/src/index.ts")],
    },
  };
  // most files are what they were
  const program = ts.createProgram(
    files.map((f) => join(folder, f)),
    settings,
    ts.createCompilerHost(settings),
    before,
  );
  before = program;
  return files.flatMap((f) => {
    const file = program.getSourceFile(join(folder, f))!;
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      (d) => `${f}: ${ts.flattenDiagnosticMessageText(d.messageText, "\n")}`,
    );
  });
}
const filesOf = ({ file }: NewOp): readonly string[] => [`src/dialect/${file}.ts`, `src/lower/${file}.ts`];

/** Replaces one TODO, and what stands for it. */
function fill(path: string, imports: string, ...parts: readonly (readonly [RegExp, string])[]): void {
  let text = read(path);
  for (const [what, by] of parts) {
    expect(text).toMatch(what);
    text = text.replace(what, () => by);
  }
  writeFileSync(join(folder, path), `${imports}\n${text}`);
}

test("three new ops are written, type-check as they are, and touch nothing but the lists of families", () => {
  const untouched = sources();
  const before = new Map(["src/dialect/index.ts", "src/lower/index.ts"].map((f) => [f, read(f)]));
  for (const op of newOps) execFileSync(process.execPath, [script, op.schema, "--into", folder], { stdio: "pipe" });
  expect(typeProblems(newOps.flatMap((op) => [...filesOf(op), `test/${op.file}.test.ts`]))).toEqual([]);
  for (const [f, text] of before) {
    const added = newOps.map((op) => `export * from "./${op.file}.ts";`);
    expect(read(f)).toBe(`${text.trimEnd()}\n${added.join("\n")}\n`);
  }
  const after = sources();
  const changed = [...after.keys()].filter((f) => after.get(f) !== untouched.get(f));
  expect(changed.sort()).toEqual([...before.keys(), ...newOps.flatMap(filesOf)].sort());
}, 120_000);

describe("filled in", () => {
  test("each takes less than 40 lines, and type-checks", () => {
    for (const op of newOps) {
      const [dialect, lower] = filesOf(op) as [string, string];
      fill(
        dialect,
        op.dialectImports,
        [/ {2}\/\/ TODO: the type[^\n]*\n {2}infer: .*,\n/, `  infer: ${op.infer},\n`],
        [/ {2}\/\/ TODO: reference[^\n]*\n {2}evaluate: [\s\S]*? {2}\},\n/, `  evaluate: ${op.evaluate},\n`],
      );
      fill(
        lower,
        op.lowerImports,
        [/\/\/ TODO: for example.*\n/, ""],
        [/\(\) => reject\("TODO.*"\)/, op.lower],
        [/import \{ defineLowering, reject \}/, "import { defineLowering }"],
      );
      const lines = `${read(dialect)}${read(lower)}`.split("\n").filter((l) => l.trim() !== "");
      expect(lines.length, op.id).toBeLessThan(40);
    }
    expect(typeProblems(newOps.flatMap(filesOf))).toEqual([]);
  }, 120_000);
  test.each(newOps.map((op) => [op.id, op] as const))(
    "%s keeps its meaning on the evaluator and on LiteRT",
    async (id, op) => {
      const load = (file: string): Promise<Record<string, unknown>> => import(pathToFileURL(join(folder, file)).href);
      const [dialect, lower] = await Promise.all(filesOf(op).map(load));
      const plugin = definePlugin({
        name: "new-op",
        ops: [dialect![id] as OpDef],
        lowerings: [lower![id] as Lowering],
      });
      const report = await checkLowering(lower![id] as Lowering, { plugins: [plugin], runs: 20, runtime: true });
      expect(report.counterexample).toBeUndefined();
      expect(report.compared).toBeGreaterThan(0);
      expect(report.ranOnRuntime).toBeGreaterThan(0);
    },
    120_000,
  );
});

describe("what cannot be written is refused", () => {
  const refused = (schema: string) =>
    spawnSync(process.execPath, [script, schema, "--into", folder], { encoding: "utf8" });
  test.each([
    ["an op that is there", "relu(Tensor self) -> Tensor", 1, /declares relu already/],
    ["an op that writes to an operand", "foo_(Tensor(a!) self) -> Tensor(a!)", 2, /writes to an operand/],
    ["no schema", "relu", 2, /usage: pnpm new-op/],
  ])("%s", (_, schema, code, why) => {
    const r = refused(schema);
    expect(r.status).toBe(code);
    expect(r.stderr).toMatch(why);
  });
});
