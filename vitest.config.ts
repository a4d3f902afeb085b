import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const packages = fileURLToPath(new URL("packages/", import.meta.url));

/** Tests run on the sources, so that a failing line is a line of the repository and no build is needed first. */
const alias = readdirSync(packages).flatMap((name) => {
  const specifier = name === "tflower" ? "tflower" : `@tflower/${name}`;
  return [
    { find: new RegExp(`^${specifier}$`), replacement: `${packages}${name}/src/index.ts` },
    { find: new RegExp(`^${specifier}/([\\w/-]+)$`), replacement: `${packages}${name}/src/$1/index.ts` },
  ];
});

export default defineConfig({
  resolve: { alias },
  test: {
    include: ["packages/*/test/**/*.test.ts", "examples/*/test/**/*.test.ts"],
    testTimeout: 30_000,
  },
});
