import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";

const here = dirname(fileURLToPath(import.meta.url));
const wasmFolder = dirname(createRequire(import.meta.url).resolve("@litertjs/core/wasm/litert_wasm_internal.js"));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tflower-node-"));
  await build({
    entryPoints: [join(here, "../src/index.ts")],
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    outfile: join(folder, "runtime.mjs"),
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs `script`, which has `loadModel`, `read` and `wasmUrl`, in a Node of its own. */
function inNode(
  script: string,
  flags: readonly string[] = [],
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const prelude = `
    import { readFileSync } from "node:fs";
    const before = Object.getOwnPropertyNames(globalThis).join();
    const { loadModel } = await import(${JSON.stringify(pathToFileURL(join(folder, "runtime.mjs")).href)});
    const read = (name) => readFileSync(${JSON.stringify(join(here, "fixtures"))} + "/" + name + ".tflite");
    const wasmUrl = ${JSON.stringify(pathToFileURL(wasmFolder).href)};
  `;
  // pnpm's bin scripts set NODE_PATH, which would let the bundle find packages that are not beside it.
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...flags, "--input-type=module", "--eval", prelude + script],
      { timeout: 20_000, cwd: folder, env: { ...process.env, NODE_PATH: "" } },
      (error, stdout, stderr) => resolve({ code: error ? (error.code ?? error.signal) : 0, stdout, stderr }),
    );
  });
}

const useIt = `
  const model = await loadModel(read("counter"), { wasmUrl });
  const [count] = await model.run([{ dtype: "f32", shape: [2], data: Float32Array.of(1, 2) }]);
  await loadModel(read("version"), { wasmUrl }).catch(() => {});
  console.log(count.data.join(), Object.getOwnPropertyNames(globalThis).join() === before);
`;

test("Node ends by itself, nothing but the program prints, and no global is left behind", async () => {
  expect(await inNode(useIt)).toEqual({ code: 0, stdout: "11,22 true\n", stderr: "" });
});

test("it runs where code from strings is forbidden, as under a strict Content-Security-Policy", async () => {
  expect(await inNode(useIt, ["--disallow-code-generation-from-strings"])).toEqual({
    code: 0,
    stdout: "11,22 true\n",
    stderr: "",
  });
});

test("RUN0001: without the package and without wasmUrl", async () => {
  const { stdout } = await inNode(`await loadModel(read("counter")).catch((e) => console.log(e.message));`);
  expect(stdout).toMatch(/^error\[RUN0001\]: expected the package @litertjs\/core to be installed/);
});
