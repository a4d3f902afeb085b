import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { convert } from "../src/index.ts";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "../..");
const digits = join(packages, "../examples/digits-cnn/digits_cnn.pt2");
const runtime = createRequire(join(packages, "runtime-litert/package.json"));
const wasmFolder = dirname(runtime.resolve("@litertjs/core/wasm/litert_wasm_internal.js"));
const names = [process.env["CHROMIUM"], "chromium", "chromium-browser", "google-chrome"].filter((n) => n !== undefined);
const chromium = names.find((name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0);
const scopes = ["core", "backend-tflite", "ops-aten", "frontend-pt2", "quantize", "delegate-qnn", "runtime-litert"];

async function body(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

let bundle = "";
beforeAll(async () => {
  const built = await build({
    entryPoints: [join(here, "page/convert-in-page.ts")],
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    alias: Object.fromEntries(scopes.map((s) => [`@tflower/${s}`, join(packages, s, "src/index.ts")])),
    write: false,
  });
  bundle = built.outputFiles[0]!.text;
}, 60_000);

test("a page's bundle holds nothing of Node", () => {
  expect(bundle.length).toBeGreaterThan(100_000);
  expect(bundle).not.toMatch(/"node:|createRequire|compileFunction/);
});

const title =
  chromium === undefined ? "in a page (skipped: no chromium on the path; CHROMIUM may name one)" : "in a page";
describe.skipIf(chromium === undefined)(title, () => {
  let server: Server;
  let browser: ChildProcess;
  let profile: string;
  const arrive: Record<string, (body: Buffer) => void> = {};
  const said = new Promise<Buffer>((resolve) => (arrive["/said"] = resolve));
  const tflite = new Promise<Buffer>((resolve) => (arrive["/tflite"] = resolve));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? "/";
    const send = (type: string, content: string | Uint8Array): void =>
      void response.setHeader("content-type", type).end(content);
    if (url === "/") return send("text/html", `<!doctype html><script type="module" src="/bundle.js"></script>`);
    if (url === "/bundle.js") return send("text/javascript", bundle);
    if (url === "/digits_cnn.pt2") return send("application/octet-stream", await readFile(digits));
    if (/^\/litert\/litert_wasm_\w+\.(js|wasm)$/.test(url))
      return send(
        url.endsWith(".js") ? "text/javascript" : "application/wasm",
        await readFile(join(wasmFolder, url.slice("/litert/".length))),
      );
    arrive[url]?.(await body(request));
    response.statusCode = arrive[url] ? 200 : 404;
    response.end();
  }

  beforeAll(async () => {
    server = createServer((request, response) => void answer(request, response));
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    profile = await mkdtemp(join(tmpdir(), "tflower-page-"));
    const { port } = server.address() as AddressInfo;
    browser = spawn(
      chromium!,
      [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        `--user-data-dir=${profile}`,
        `http://127.0.0.1:${port}/`,
      ],
      { stdio: "ignore" },
    );
  });
  afterAll(async () => {
    const gone = new Promise((resolve) => browser.once("exit", resolve));
    browser.kill();
    await gone;
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });

  test("a File becomes the same bytes as in Node, and runs there", { timeout: 60_000 }, async () => {
    const result = JSON.parse((await said).toString());
    expect(result.error).toBeUndefined();
    const model = await convert(digits);
    const image = {
      dtype: "f32" as const,
      shape: [1, 1, 8, 8],
      data: Float32Array.from({ length: 64 }, (_, i) => i % 17),
    };
    const [logits] = await model.run([image]);
    await model.dispose();
    for (const [i, v] of (logits!.data as Float32Array).entries()) expect(result.logits[i]).toBeCloseTo(v, 4);
    expect(result.path).toMatch(/a page cannot open or write "digits_cnn\.pt2"/);
    expect(Buffer.from(await model.bytes()).equals(await tflite)).toBe(true);
  });
});
