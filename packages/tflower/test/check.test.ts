import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { cli } from "./capture.ts";

const program = fileURLToPath(new URL("fixtures/unknown_ops.pt2", import.meta.url));

test("five ops without a lowering are listed at once: Python line, module path, types, help", async () => {
  const { code, err } = await cli("check", program);
  expect(code).toBe(1);
  const found = err.split("\n\n").filter((p) => p.startsWith("error["));
  expect(found).toHaveLength(5);
  for (const [i, [op, module]] of [
    ["nobody.warp"],
    ["nobody.weave"],
    ["nobody.fold", "inner"],
    ["nobody.spin", "inner"],
    ["nobody.knit"],
  ].entries()) {
    expect(found[i]).toContain(`no lowering for "${op}"`);
    expect(found[i]).toContain(`${op}(f32[2,3]) -> f32[2,3]`);
    expect(found[i]).toMatch(
      /--> packages\/tflower\/test\/fixtures\/make_unknown_ops\.py:\d+\n +\S.*torch\.ops\.nobody\./,
    );
    expect(found[i]).toContain("= help: ");
    if (module) expect(found[i]).toContain(`= module ${module} (`);
  }
  // every line is its own
  expect(new Set(found.map((p) => /\.py:(\d+)/.exec(p)![1])).size).toBe(5);
});

test("the same as JSON, one line", async () => {
  const { out } = await cli("check", program, "--json");
  const result = JSON.parse(out);
  expect(result.status).toBe("error");
  expect(result.diagnostics.map((d: { op: string }) => d.op)).toEqual([
    "nobody.warp",
    "nobody.weave",
    "nobody.fold",
    "nobody.spin",
    "nobody.knit",
  ]);
  expect(result.diagnostics[2]).toMatchObject({ code: "LOW0001", module: "inner" });
});
