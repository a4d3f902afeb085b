import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CompileError } from "@tflower/core";
import { afterAll, describe, expect, test } from "vitest";
import { findLibraries, QnnProcess } from "../../src/node/index.ts";

const folder = mkdtempSync(join(tmpdir(), "qnn-process-"));
afterAll(() => rmSync(folder, { recursive: true }));
const libraries = { folder, htp: join(folder, "libQnnHtp.so") };

/** A process that behaves as `body` says instead of calling QNN. */
function processOf(body: string, timeout?: number): QnnProcess {
  const script = join(folder, `child-${Math.random().toString(36).slice(2)}.cjs`);
  writeFileSync(script, `process.on("message", (m) => { ${body} });`);
  return new QnnProcess(libraries, { script, ...(timeout !== undefined && { timeout }) });
}
async function problemOf(p: QnnProcess) {
  try {
    await p.describe();
  } catch (e) {
    if (e instanceof CompileError) return e.diagnostics[0]!;
    throw e;
  } finally {
    p.close();
  }
  throw new Error("nothing went wrong");
}

describe("whatever the process does, this one lives on and says what happened", () => {
  test("it crashes", async () => {
    const d = await problemOf(processOf('console.log("<E> graph is too deep"); process.abort();'));
    expect(d).toMatchObject({ code: "QNN0007", message: expect.stringContaining("SIGABRT") });
    expect(d.help).toContain("another version");
  });
  test("the system ends it", async () => {
    const d = await problemOf(processOf('process.kill(process.pid, "SIGKILL");'));
    expect(d).toMatchObject({ code: "QNN0007", message: expect.stringContaining("SIGKILL") });
    expect(d.help).toContain("memory");
  });
  test("it gives up", async () => {
    expect(await problemOf(processOf("process.exit(3);"))).toMatchObject({
      code: "QNN0007",
      message: expect.stringContaining("code 3"),
    });
  });
  test("it does not answer", async () => {
    expect(await problemOf(processOf("setInterval(() => {}, 1000);", 300))).toMatchObject({
      code: "QNN0007",
      message: expect.stringContaining("0.3 seconds"),
    });
  });
  test("there is no koffi", async () => {
    const d = await problemOf(
      processOf('process.send({ kind: "unavailable", what: "koffi", why: "Cannot find package" });'),
    );
    expect(d).toMatchObject({ code: "QNN0002", help: expect.stringContaining("npm install koffi") });
  });
  test("the library does not load", async () => {
    const d = await problemOf(
      processOf('process.send({ kind: "unavailable", what: "library", why: "wrong ELF class" });'),
    );
    expect(d).toMatchObject({ code: "QNN0003", message: expect.stringContaining("wrong ELF class") });
  });
  test("the library has another interface", async () => {
    const failure = '{ step: "an interface of version 1.0.0", code: 0 }';
    const d = await problemOf(processOf(`process.send({ kind: "failed", failure: ${failure} });`));
    expect(d).toMatchObject({ code: "QNN0003", message: expect.stringContaining("version 1.0.0") });
  });
  test("a step fails, and QNN says why", async () => {
    const failure = '{ step: "graphFinalize", code: 1002, subject: "qnn_partition_0" }';
    const d = await problemOf(
      processOf(
        `console.log(" <E> Requested VTCM size exceeds"); setTimeout(() => process.send({ kind: "failed", failure: ${failure} }), 100);`,
      ),
    );
    expect(d).toMatchObject({ code: "QNN0006", message: expect.stringContaining("graphFinalize") });
    expect(d.notes).toEqual(["<E> Requested VTCM size exceeds"]);
    expect(d.help).toContain("does not fit");
  });
});

test("an answer comes back with what was asked", async () => {
  const p = processOf('process.send({ kind: "description", description: { build: m.library } });');
  expect(await p.describe()).toEqual({ build: libraries.htp });
  p.close();
});

describe("libraries are found", () => {
  const at = (...path: string[]) => {
    const file = join(folder, ...path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, "");
    return file;
  };
  test("in the folder itself", () => {
    const file = at("plain", "libQnnHtp.so");
    expect(findLibraries(join(folder, "plain")).htp).toBe(file);
  });
  test("in an SDK", () => {
    const file = at("sdk", "lib", "x86_64-linux-clang", "libQnnHtp.so");
    expect(findLibraries(join(folder, "sdk")).htp).toBe(file);
  });
  test("in a Python environment", () => {
    const file = at("venv", "lib", "python3.11", "site-packages", "onnxruntime_qnn", "libQnnHtp.so");
    expect(findLibraries(join(folder, "venv")).htp).toBe(file);
  });
  test("or missed, with what to do", () => {
    mkdirSync(join(folder, "empty"));
    expect(() => findLibraries(join(folder, "empty"))).toThrow("error[QNN0001]: there is no libQnnHtp.so");
    expect(() => findLibraries("")).toThrow("pip install onnxruntime-qnn");
  });
});
