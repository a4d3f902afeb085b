import { describe, expect, test } from "vitest";
import {
  CompileError,
  Compiler,
  definePass,
  describePasses,
  groupPasses,
  insertAfter,
  insertBefore,
  type Pass,
  parseModule,
  parsePasses,
  repeatPasses,
  replacePass,
  runPasses,
  takenAsDone,
  withoutPass,
} from "../src/index.ts";
import { toyOps } from "./toy-dialect.ts";

const ran: string[] = [];
const pass = (name: string, ...requires: Parameters<typeof definePass>[0]["requires"] & {}) =>
  definePass({ name, summary: "", scope: "module", requires, run: () => void ran.push(name) });
const prepare = pass("prepare");
const other = pass("other");
const use = pass("use", prepare);
const useByName = pass("use-by-name", "prepare");

const text = "graph @main(%x: f32[2]) {\n  return %x\n}\n";
/** Problems of a pipeline, and the passes that ran. */
async function run(passes: readonly Pass[], done?: readonly string[]) {
  ran.length = 0;
  const module = parseModule(text, toyOps);
  const error = await runPasses(module, passes, new Compiler(), done ? { done } : {}).catch((e) => e);
  return { problems: error instanceof CompileError ? error.diagnostics : [], ran: [...ran] };
}

describe("a pass that requires another", () => {
  test.each([
    ["behind it", [prepare(), use()]],
    ["with others between", [prepare(), other(), useByName(), use()]],
    ["in a group", [groupPasses("tidy", [prepare(), use()])]],
    ["behind a group that has it", [groupPasses("tidy", [prepare()]), use()]],
    ["behind a group that is named like it", [groupPasses("prepare", [other()]), use()]],
    ["repeated", [prepare(), repeatPasses([use()])]],
    ["twice, the second time behind itself", [prepare(), use(), prepare(), use()]],
  ])("runs %s", async (_, passes) => {
    expect((await run(passes, [])).problems).toEqual([]);
    expect((await run(passes)).problems).toEqual([]);
  });
  test("is refused before it, and nothing runs", async () => {
    const got = await run([other(), use(), prepare()]);
    expect(got.ran).toEqual([]);
    expect(got.problems).toMatchObject([
      {
        code: "PAS0003",
        message: 'pass "use" requires "prepare", which comes after it',
        subject: "other, use",
        help: 'move "use" behind it: insertAfter(passes, "prepare", ...)',
      },
    ]);
    expect((await run([groupPasses("tidy", [use(), prepare()])])).problems).toHaveLength(1);
  });
  test("is refused without it, where it is known what the module has been through; all at once", async () => {
    const { problems } = await run([other(), use(), useByName()], []);
    expect(problems.map((p) => p.message)).toEqual([
      'pass "use" requires "prepare", which the pipeline does not have',
      'pass "use-by-name" requires "prepare", which the pipeline does not have',
    ]);
    expect(problems[0]!.help).toContain('insertBefore(passes, "use", ...)');
    expect(problems[0]!.help).toContain('groupPasses("prepare", [...])');
  });
  test("runs on a module that has been through it, or through nobody knows what", async () => {
    expect((await run([use()], ["prepare"])).ran).toEqual(["use"]);
    expect((await run([use()])).ran).toEqual(["use"]);
    expect(takenAsDone([use(), useByName()])).toEqual(["prepare"]);
    expect(takenAsDone([prepare(), use()])).toEqual([]);
  });
});

test("a pass that follows another comes after it, where both are there", async () => {
  const follow = definePass({ name: "follow", summary: "", scope: "module", after: [prepare], run: () => undefined });
  expect((await run([follow()], [])).problems).toEqual([]);
  expect((await run([prepare(), follow(), prepare()], [])).problems).toEqual([]);
  expect((await run([follow(), prepare()])).problems).toMatchObject([
    { code: "PAS0003", message: 'pass "follow" follows "prepare", which comes after it' },
  ]);
  expect(describePasses({ passes: [follow] })).toContain("    after prepare if there\n");
});
test("helpers that edit pipelines refuse an order that cannot work", () => {
  const passes = [prepare(), other()];
  expect(() => insertBefore(passes, prepare, use())).toThrow(/pass "use" requires "prepare", which comes after it/);
  expect(insertAfter(passes, other, use()).map((p) => p.name)).toEqual(["prepare", "other", "use"]);
  expect(replacePass(passes, other, use())).toHaveLength(2);
});
test("a prerequisite that is taken away is missed when the pipeline runs", async () => {
  const left = withoutPass([prepare(), use()], prepare);
  expect((await run(left, [])).problems).toMatchObject([{ code: "PAS0003" }]);
  const stoodFor = replacePass([prepare(), use()], prepare, groupPasses("prepare", [other()]));
  expect((await run(stoodFor, [])).ran).toEqual(["other", "use"]);
});
test("what a pass requires is in its help, and pipelines in text are checked alike", async () => {
  const known = { passes: [prepare, use] };
  expect(describePasses(known)).toContain("use\n    \n    after prepare\n");
  expect((await run(parsePasses("use,prepare", known))).problems).toMatchObject([{ code: "PAS0003" }]);
  expect((await run(parsePasses("prepare,use", known), [])).ran).toEqual(["prepare", "use"]);
});
test("passes are named by factory or name", () => {
  // @ts-expect-error a pass is no factory of it
  expect(() => pass("wrong", prepare())).toThrow();
});
