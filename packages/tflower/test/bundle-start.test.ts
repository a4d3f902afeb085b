import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const bundle = fileURLToPath(new URL("../dist/bundle/main.cjs", import.meta.url));

test("the bundled CLI does not load the runtime when it starts", (context) => {
  if (!existsSync(bundle)) return context.skip("the CLI is not bundled: npm run build");
  expect(readFileSync(bundle, "utf8")).not.toContain('require("@tflower/runtime-litert")');
});
