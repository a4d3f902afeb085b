import { expect, test } from "vitest";
import {
  Compiler,
  definePass,
  eliminateDeadCode,
  mergeCommonSubexpressions,
  parseModule,
  printAfterPasses,
  type Reproducer,
  runPasses,
  timePasses,
  writeReproducer,
} from "../src/index.ts";
import { toyOps } from "./toy-dialect.ts";

const text = "graph @main(%x: f32[2]) {\n  %0 = toy.add(%x, %x) : f32[2]\n  return %x\n}\n";
const fails = definePass({
  name: "fail",
  summary: "",
  scope: "module",
  run: () => {
    throw new Error("no luck");
  },
});

test("every pass is timed, also one that fails", async () => {
  const compiler = new Compiler();
  const times = timePasses(compiler);
  await runPasses(parseModule(text, toyOps), [eliminateDeadCode(), fails()], compiler).catch(() => undefined);
  expect(times.map((t) => t.pass)).toEqual(["eliminate-dead-code", "fail"]);
  for (const t of times) expect(t.ms).toBeGreaterThanOrEqual(0);
});
test("prints follow the passes that changed something", async () => {
  const compiler = new Compiler();
  const prints: string[] = [];
  printAfterPasses(compiler, "change", (t) => prints.push(t));
  await runPasses(
    parseModule(text, toyOps),
    [mergeCommonSubexpressions(), eliminateDeadCode(), mergeCommonSubexpressions()],
    compiler,
  );
  expect(prints).toEqual(["// ---- after eliminate-dead-code\ngraph @main(%x: f32[2]) {\n  return %x\n}\n"]);
});
test("prints follow the passes that are named", async () => {
  const compiler = new Compiler();
  const prints: string[] = [];
  printAfterPasses(compiler, ["merge-common-subexpressions"], (t) => prints.push(t.split("\n")[0]!));
  await runPasses(parseModule(text, toyOps), [mergeCommonSubexpressions(), eliminateDeadCode()], compiler);
  expect(prints).toEqual(["// ---- after merge-common-subexpressions"]);
});
test("a failure leaves the module before the pass, in a text that parses", async () => {
  const compiler = new Compiler();
  const left: Reproducer[] = [];
  writeReproducer(compiler, (r) => left.push(r));
  await runPasses(parseModule(text, toyOps), [eliminateDeadCode(), fails()], compiler).catch(() => undefined);
  expect(left).toHaveLength(1);
  expect(left[0]!.text).toMatch(/^\/\/ passes: fail\n\/\/ no luck\n/);
  expect(parseModule(left[0]!.text, toyOps).find("main")!.outputs).toHaveLength(1);
});
