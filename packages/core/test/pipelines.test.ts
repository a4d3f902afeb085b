import { describe, expect, test } from "vitest";
import {
  attr,
  Compiler,
  collectStatistics,
  definePass,
  describePasses,
  eliminateDeadCode,
  groupPasses,
  insertAfter,
  insertBefore,
  knownPasses,
  mergeCommonSubexpressions,
  type Pass,
  parseModule,
  parsePasses,
  renderStatistics,
  renderTimes,
  repeatPasses,
  replacePass,
  runPasses,
  timePasses,
  withoutPass,
} from "../src/index.ts";
import { toyOps } from "./toy-dialect.ts";

const text =
  "graph @main(%x: f32[2]) {\n  %0 = toy.add(%x, %x) : f32[2]\n  %1 = toy.add(%x, %x) : f32[2]\n  return %1\n}\n";
const choose = definePass({
  name: "choose",
  summary: "Chooses.",
  options: { rounds: attr.int.about("how often").default_(1), mode: attr.oneOf("fast", "slow").default_("fast") },
  scope: "graph",
  run: (_, { count, options }) => count("rounds", options.rounds),
});
const names = (passes: readonly Pass[]): string[] => passes.map((p) => p.text);
const pipeline = [mergeCommonSubexpressions(), eliminateDeadCode(), mergeCommonSubexpressions()];

describe("editing a pipeline", () => {
  test("before, after, instead, without", () => {
    expect(names(insertBefore(pipeline, eliminateDeadCode, choose()))).toEqual([
      "merge-common-subexpressions",
      "choose",
      "eliminate-dead-code",
      "merge-common-subexpressions",
    ]);
    expect(names(insertAfter(pipeline, "eliminate-dead-code", [choose(), choose({ rounds: 2 })])).slice(2, 4)).toEqual([
      "choose",
      "choose{rounds=2}",
    ]);
    expect(names(replacePass(pipeline, mergeCommonSubexpressions, choose(), { which: "last" }))).toEqual([
      "merge-common-subexpressions",
      "eliminate-dead-code",
      "choose",
    ]);
    expect(names(withoutPass(pipeline, mergeCommonSubexpressions))).toEqual(["eliminate-dead-code"]);
    expect(names(insertAfter(pipeline, mergeCommonSubexpressions, choose(), { which: "each" }))).toHaveLength(5);
  });
  test("a pass that is not there is an error that says what is", () => {
    expect(() => insertBefore(pipeline, choose, [])).toThrow(
      /no pass "choose"; it has merge-common-subexpressions, eliminate-dead-code$/,
    );
  });
  test("of several passes of one name, one has to be chosen", () => {
    expect(() => insertAfter(pipeline, mergeCommonSubexpressions, choose())).toThrow(/2 times: say which one/);
  });
});

describe("pipelines as text", () => {
  const compiler = new Compiler().passes(choose, eliminateDeadCode, mergeCommonSubexpressions);
  compiler.hooks.pipeline.tap("test", (p) => ({ ...p, optimize: pipeline }));
  const known = knownPasses(compiler);
  test.each([
    'choose{rounds=4,mode="slow"},eliminate-dead-code',
    "tidy(eliminate-dead-code,choose{rounds=2})",
    "repeat{atMost=3}(eliminate-dead-code)",
    "outer(inner(choose),repeat(choose))",
  ])("%s is what its passes print", (t) => {
    expect(names(parsePasses(t, known)).join()).toBe(t);
  });
  test("an option's value may be a plain word, and stages are names", () => {
    expect(names(parsePasses("choose{mode=slow},optimize", known))).toEqual([
      'choose{mode="slow"}',
      ...names(pipeline),
    ]);
    expect(names(parsePasses("all", known))).toEqual(names(pipeline));
  });
  test.each([
    ["chose", /unknown pass "chose"; known: .*\bchoose\b/],
    ["choose{round=1}", /pass "choose" has no option "round"; it has rounds, mode/],
    ["choose{mode=quick}", /option "mode" must be one of "fast", "slow", got quick/],
    ["choose{rounds=1.5}", /option "rounds" must be an integer, got 1.5/],
    ["choose{rounds=", /expected an option's value, got "the end"/],
    ["choose,", /expected the name of a pass, got "the end"/],
    ["tidy(choose", /expected "\)", got "the end"/],
    ["choose choose", /expected "," or the end, got "choose"/],
  ])("%s is refused", (t, why) => {
    expect(() => parsePasses(t, known)).toThrow(why);
  });
  test("the list of passes comes from their declarations", () => {
    expect(describePasses(known)).toContain(
      'choose\n    Chooses.\n    rounds: an integer; 1 by default: how often\n    mode: one of "fast", "slow"; "fast" by default\n',
    );
  });
});

test("options are typed by their declarations", () => {
  // @ts-expect-error an option of another type
  expect(() => choose({ rounds: "many" })).toThrow(/"rounds" must be an integer, got many/);
  // @ts-expect-error an option that is not declared
  expect(() => choose({ round: 1 })).toThrow(/no option "round"; it has rounds, mode/);
  // @ts-expect-error a word that is no choice
  expect(() => choose({ mode: "quick" })).toThrow(/"mode" must be one of/);
});

test("passes inside passes are timed as a tree, and counted by themselves", async () => {
  const compiler = new Compiler();
  const times = timePasses(compiler);
  const statistics = collectStatistics(compiler);
  const module = parseModule(`${text}graph @other() {\n  return\n}\n`, toyOps);
  await runPasses(module, [groupPasses("tidy", [...pipeline, choose({ rounds: 3 })])], compiler);
  expect(times).toHaveLength(1);
  expect(times[0]).toMatchObject({
    pass: "tidy",
    parts: [...pipeline, choose({ rounds: 3 })].map((p) => ({ pass: p.text })),
  });
  expect(times[0]!.parts[0]!.parts.map((p) => p.pass)).toEqual(["@main", "@other"]);
  expect(times[0]!.ms).toBeGreaterThanOrEqual(times[0]!.parts.reduce((n, p) => n + p.ms, 0));
  expect(renderTimes(times)).toMatch(/tidy\n.* {2}merge-common-subexpressions\n.* {4}@main\n/);
  expect(statistics.map((s) => [s.pass, ...s.nodes])).toEqual([
    ["merge-common-subexpressions", 2, 1],
    ["eliminate-dead-code", 1, 1],
    ["merge-common-subexpressions", 1, 1],
    ["choose{rounds=3}", 1, 1],
  ]);
  expect(renderStatistics(statistics)).toBe(
    "merge-common-subexpressions: 2 -> 1 nodes\n          -1 toy.add\nchoose{rounds=3}: 1 -> 1 nodes\n           6 x rounds\n2 passes neither added nor dropped nodes\n",
  );
});

describe("repeating passes", () => {
  test("ends when nothing changes", async () => {
    const compiler = new Compiler();
    const times = timePasses(compiler);
    await runPasses(parseModule(text, toyOps), [repeatPasses([mergeCommonSubexpressions()])], compiler);
    expect(times[0]!.parts).toHaveLength(2);
  });
  test("that undo one another is an error", async () => {
    const restless = definePass({ name: "restless", summary: "", scope: "graph", run: (g) => void g.version++ });
    const run = runPasses(parseModule(text, toyOps), [repeatPasses([restless()], { atMost: 3 })], new Compiler());
    await expect(run).rejects.toThrow(/PAS0001.*restless still change the module after 3 rounds/);
  });
});
