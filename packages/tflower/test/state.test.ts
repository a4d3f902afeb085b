import { type CompileError, printModule, type Settings } from "@tflower/core";
import { loadModel } from "@tflower/runtime-litert";
import { describe, expect, test } from "vitest";
import { compileProgram } from "../src/compile.ts";
import { createCompiler } from "../src/create-compiler.ts";
import { Model } from "../src/model.ts";
import { program, sequence, toPlain, toRuntime } from "./programs.ts";

const names = ["write", "read", "clear"];
async function shared(settings: Partial<Settings>, which: readonly string[] = names) {
  const programs = Object.fromEntries(
    await Promise.all(which.map(async (n) => [n, await program(`shared-${n}`)] as const)),
  );
  return compileProgram(programs, createCompiler(settings), { verifyEach: true });
}

describe("signatures of one module share its buffers", () => {
  test("as variables: each sees what the others have written, and all start once", async () => {
    const model = await loadModel(await new Model(await shared({}), []).bytes());
    for (const call of sequence) {
      const got = await model.run(call.in.map(toRuntime), { signature: call.signature });
      expect(got.map(toPlain)).toEqual(call.out);
    }
    model.dispose();
  });

  test("as inputs and outputs: what only reads takes, what changes gives as well", async () => {
    const model = await loadModel(await new Model(await shared({ state: "io" }), []).bytes());
    const ports = Object.fromEntries(
      model.signatures.map((s) => [s.key, [s.inputs.map((p) => p.name), s.outputs.map((p) => p.name)]]),
    );
    expect(ports).toEqual({
      write: [
        ["args_0", "args_1", "state.cache"],
        ["output", "state.cache"],
      ],
      read: [["args_0", "state.cache"], ["output"]],
      clear: [
        ["args_0", "state.cache", "state.used"],
        ["output", "state.cache", "state.used"],
      ],
    });
    model.dispose();
  });

  test("one graph initialises all variables, and every signature calls it", async () => {
    const module = await shared({});
    expect(module.graphs.map((g) => g.name)).toEqual([...names, "initialize"]);
    const text = printModule(module);
    expect(text.match(/tfl\.call_once/g)).toHaveLength(3);
    // used is added to and read by nothing but itself; scale is never written
    expect(new Set(text.match(/shared_name = "\w+"/g))).toEqual(
      new Set(['shared_name = "cache"', 'shared_name = "used"']),
    );
  });

  test("programs that disagree about the first contents are refused", async () => {
    const found = await shared({}, ["write", "other"]).then(
      () => [],
      (e: CompileError) => e.diagnostics,
    );
    expect(found.map((d) => d.code)).toEqual(["STA0001"]);
    expect(found[0]!.message).toContain('"cache"');
    expect(found[0]!.help).toContain("one module");
  });

  test("programs that only read may disagree", async () => {
    const module = await shared({}, ["read", "other"]);
    expect(module.graphs.map((g) => g.name)).toEqual(["read", "other"]);
  });
});

test("a buffer that is written and never read leaves no trace in the file, and is an output when asked for", async () => {
  const module = await compileProgram(await program("written-only"), createCompiler());
  expect(printModule(module)).not.toMatch(/var_handle|call_once|assign/);
  const io = await compileProgram(await program("written-only"), createCompiler({ state: "io" }));
  expect(io.graphs[0]!.outputNames).toEqual(["output", "state.last"]);
});
