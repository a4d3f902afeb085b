import { expect, test } from "vitest";
import {
  Compiler,
  definePass,
  eliminateDeadCode,
  mergeCommonSubexpressions,
  parseModule,
  parsePasses,
  printAfterPasses,
  printModule,
  type Reproducer,
  readReproducer,
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
  expect(left[0]!.text).toMatch(
    /^\/\/ passes: fail\n\/\/ settings: \{"target":"cpu"\}\n\/\/ plugins: \n\/\/ error\[PAS0001\]: .*no luck\n/,
  );
  expect(parseModule(left[0]!.text, toyOps).find("main")!.outputs).toHaveLength(1);
});
test("a reproducer says how it is run, and fails again for the same reason", async () => {
  const large = `graph @main(%x: f32[16]) {
  %w = const elsewhere"model.pt2:64+64" : f32[16]
  %0 = toy.add(%x, %w) : f32[16]
  return %0 inputs(%x = %0)
}
`;
  const compiler = new Compiler({ strict: true });
  const left: Reproducer[] = [];
  writeReproducer(compiler, (r) => left.push(r));
  const again = async (m: ReturnType<typeof parseModule>, text: string): Promise<string> => {
    const passes = parsePasses(text, { passes: [fails] });
    return runPasses(m, passes, compiler).then(
      () => "nothing",
      (e) => e.message,
    );
  };
  const first = await again(parseModule(large, toyOps), "around(fail)");
  // passes around the one that failed do not write another
  expect(left).toHaveLength(1);
  const { passes, settings } = readReproducer(left[0]!.text);
  expect(passes).toBe("fail");
  expect(settings).toEqual({ target: "cpu", strict: true });
  const module = parseModule(left[0]!.text, toyOps);
  expect(printModule(module, { constants: "full" })).toBe(large);
  expect(await again(module, passes!)).toBe(first);
});
