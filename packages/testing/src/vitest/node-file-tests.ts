import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { fileText, parseFileTest } from "../files/file-test.ts";
import { type FileTestOptions, runFileTest } from "../files/run-file-test.ts";

/**
 * Makes tests of every `.ir` file in `folder`: see {@link FileTestCase} for what one holds. `vitest -u` writes what the passes make of
 * the modules into the files.
 *
 * @example
 * fileTests(new URL("./passes/", import.meta.url), { compiler, passes: [cleanUp, optimizeLayout] });
 */
export function fileTests(folder: string | URL, o: FileTestOptions): void {
  const path = typeof folder === "string" ? folder : fileURLToPath(folder);
  const files = readdirSync(path)
    .filter((f) => f.endsWith(".ir"))
    .sort();
  if (files.length === 0) throw new Error(`no .ir file lies in ${path}`);
  describe.each(files)("%s", (file) => {
    const at = join(path, file);
    const cases = parseFileTest(readFileSync(at, "utf8"));
    const printed: (string | undefined)[] = [];
    for (const [i, c] of cases.entries())
      test(c.name || c.passes, async () => {
        printed[i] = await runFileTest(c, file, o);
      });
    test("text", async () => {
      // a case that fails fails here, too, so that the file stays as it is
      for (const [i, c] of cases.entries()) if (!(i in printed)) printed[i] = await runFileTest(c, file, o);
      await expect(fileText(cases, printed)).toMatchFileSnapshot(at);
    });
  });
}
