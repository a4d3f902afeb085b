import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const here = dirname(fileURLToPath(import.meta.url));
const wasmFolder = dirname(createRequire(import.meta.url).resolve("@litertjs/core/wasm/litert_wasm_internal.js"));
const names = [process.env["CHROMIUM"], "chromium", "chromium-browser", "google-chrome"].filter((n) => n !== undefined);
const chromium = names.find((name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0);

interface PageResult {
  readonly product: number[];
  readonly diff: number[];
  readonly refused: string;
  readonly homeless: string;
  readonly missing: string;
  readonly globals: string[];
  readonly error?: string;
}

const types: Readonly<Record<string, string>> = { ".js": "text/javascript", ".wasm": "application/wasm" };

async function text(request: IncomingMessage): Promise<string> {
  let all = "";
  for await (const part of request) all += part;
  return all;
}

const title =
  chromium === undefined ? "in a page (skipped: no chromium on the path; CHROMIUM may name one)" : "in a page";
describe.skipIf(chromium === undefined)(title, () => {
  let bundle: string;
  let server: Server;
  let browser: ChildProcess;
  let profile: string;
  const arrive: Record<string, (result: PageResult) => void> = {};
  const page = new Promise<PageResult>((resolve) => (arrive["/result/page"] = resolve));
  const worker = new Promise<PageResult>((resolve) => (arrive["/result/worker"] = resolve));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? "/";
    const send = (type: string, body: string | Uint8Array): void =>
      void response.setHeader("content-type", type).end(body);
    if (url === "/") return send("text/html", `<!doctype html><script type="module" src="/bundle.js"></script>`);
    if (url === "/bundle.js") return send("text/javascript", bundle);
    if (url.startsWith("/litert/litert_wasm_"))
      return send(types[extname(url)] ?? "", await readFile(join(wasmFolder, url.slice("/litert/".length))));
    if (url === "/order.tflite" || url === "/version.tflite")
      return send("application/octet-stream", await readFile(join(here, "fixtures", url)));
    const resolve = arrive[url];
    if (resolve) resolve(JSON.parse(await text(request)) as PageResult);
    response.statusCode = resolve ? 200 : 404;
    response.end();
  }

  beforeAll(async () => {
    const built = await build({
      entryPoints: [join(here, "page/run-in-page.ts")],
      bundle: true,
      format: "esm",
      platform: "browser",
      target: "es2022",
      write: false,
    });
    bundle = built.outputFiles[0]!.text;
    server = createServer((request, response) => void answer(request, response));
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    profile = await mkdtemp(join(tmpdir(), "tflower-page-"));
    const { port } = server.address() as AddressInfo;
    const flags = [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      `--user-data-dir=${profile}`,
    ];
    browser = spawn(chromium!, [...flags, `http://127.0.0.1:${port}/`], { stdio: "ignore" });
  }, 30_000);

  afterAll(async () => {
    const gone = new Promise((resolve) => browser.once("exit", resolve));
    browser.kill();
    await gone;
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });

  test("the bundle holds nothing of Node", () => {
    expect(bundle).not.toMatch(/node:|createRequire|compileFunction/);
  });

  test.each([
    ["page", page],
    ["worker", worker],
  ])(
    "the %s runs a model and gets the runtime's own words when one is refused",
    { timeout: 60_000 },
    async (_, arrived) => {
      const result = await arrived;
      expect(result.error).toBeUndefined();
      expect(result.diff).toEqual([0, 1, 1, 3, 4, 4]);
      expect(result.product).toEqual([0, 10, 10, 30, 40, 40]);
      expect(result.refused).toMatch(/RUN0003.*Didn't find op for builtin opcode 'ADD' version '99'/s);
      expect(result.homeless).toMatch(/RUN0001.*expected options\.wasmUrl/s);
      expect(result.missing).toMatch(/RUN0001.*\/nowhere/s);
      expect(result.globals).toEqual([]);
    },
  );
});
