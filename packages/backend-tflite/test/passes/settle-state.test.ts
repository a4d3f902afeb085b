import { describe, expect, test } from "vitest";
import { settleState } from "../../src/passes/settle-state.ts";
import { run } from "./run-pass.ts";

const counter = `
signature "main" = @main
graph @main(%x: f32[2]) state(%sum: f32[2] "net.sum" = [1.0, 2.0]) {
  %next = tfl.add(%sum, %x) : f32[2]
  return %sum as "before" state(%next)
}`;

test("variables are read at the start, written at the end, and initialised once", async () => {
  expect((await run(counter, [settleState()])).text).toMatchInlineSnapshot(`
    "signature "main" = @main
    graph @main(%x: f32[2]) {
      tfl.call_once() {init_subgraph_index = @initialize} : ()
      %0 = tfl.var_handle() {shared_name = "net.sum"} : resource[]
      %sum = tfl.read_variable(%0) : f32[2]
      %next = tfl.add(%sum, %x) : f32[2]
      tfl.assign_variable(%0, %next) : ()
      return %sum as "before"
    }
    graph @initialize() {
      %0 = tfl.var_handle() {shared_name = "net.sum"} : resource[]
      %net.sum = const [1.0, 2.0] : f32[2]
      tfl.assign_variable(%0, %net.sum) : ()
      return
    }
    "
  `);
});

test("as inputs and outputs they come after the program's own", async () => {
  expect((await run(counter, [settleState()], { state: "io" })).text).toMatchInlineSnapshot(`
    "signature "main" = @main
    graph @main(%x: f32[2], %state.net.sum: f32[2]) {
      %next = tfl.add(%state.net.sum, %x) : f32[2]
      return %state.net.sum as "before", %next as "state.net.sum"
    }
    "
  `);
});

test("what one state gets from another is read before anything is written", async () => {
  const swap = `
  graph @main() state(%a: f32[1] "a" = [1.0], %b: f32[1] "b" = [2.0]) {
    return state(%b, %a)
  }`;
  expect((await run(swap, [settleState()])).text).toMatchInlineSnapshot(`
    "graph @main() {
      tfl.call_once() {init_subgraph_index = @initialize} : ()
      %0 = tfl.var_handle() {shared_name = "a"} : resource[]
      %a = tfl.read_variable(%0) : f32[1]
      %1 = tfl.var_handle() {shared_name = "b"} : resource[]
      %b = tfl.read_variable(%1) : f32[1]
      tfl.assign_variable(%0, %b) : ()
      tfl.assign_variable(%1, %a) : ()
      return
    }
    graph @initialize() {
      %0 = tfl.var_handle() {shared_name = "a"} : resource[]
      %a = const [1.0] : f32[1]
      tfl.assign_variable(%0, %a) : ()
      %1 = tfl.var_handle() {shared_name = "b"} : resource[]
      %b = const [2.0] : f32[1]
      tfl.assign_variable(%1, %b) : ()
      return
    }
    "
  `);
});

describe("two graphs", () => {
  const two = `
  graph @one(%x: f32[1]) state(%s: f32[1] "s" = [1.0]) { return %s state(%x) }
  graph @two() state(%s: f32[1] "s" = [1.0]) { return %s state(%s) }`;
  test("name one variable, and share its initialisation", async () => {
    const { text } = await run(two, [settleState()]);
    expect(text.match(/init_subgraph_index = @initialize/g)).toHaveLength(2);
    expect(text.match(/graph @/g)).toHaveLength(3);
    expect(text.match(/tfl\.assign_variable/g)).toHaveLength(2);
  });
  test("one that only reads gives nothing back", async () => {
    const { module } = await run(two, [settleState()], { state: "io" });
    const [one, other] = module.graphs;
    expect([one!.inputs.length, one!.outputs.length, other!.inputs.length, other!.outputs.length]).toEqual([
      2, 2, 1, 1,
    ]);
  });
});

test("state that nothing changes is a constant, and state that nothing reads is not there", async () => {
  const text = `
  graph @main(%x: f32[1]) state(%a: f32[1] "a" = [1.0], %b: f32[1] "b" = [2.0]) {
    %0 = tfl.add(%x, %a) : f32[1]
    return %0 state(%a, %x)
  }`;
  expect((await run(text, [settleState()])).text).toMatchInlineSnapshot(`
    "graph @main(%x: f32[1]) {
      %a = const [1.0] : f32[1]
      %0 = tfl.add(%x, %a) : f32[1]
      return %0
    }
    "
  `);
});

test("a state whose first contents are of another type than what is read is a mistake that does not reach a file", async () => {
  const text = `graph @main() state(%a: f32[1] "a" = [1.0]) { return state(%a) }`;
  const { said } = await run(text, [
    {
      name: "break",
      summary: "",
      text: "break",
      run: (m) => void (m.graphs[0]!.states[0]!.value.type = { dtype: "f16", shape: [1] }),
    },
    settleState(),
  ]);
  expect(said.map((d) => d.code)).toEqual(["PAS0001"]);
  expect(said[0]!.message).toContain("starts as f32[1] and is read as f16[1]");
});
