import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const inFolder = (folder: string): string[] =>
  (readdirSync(join(root, folder), { recursive: true }) as string[])
    .filter((f) => f.endsWith(".md") && !/node_modules|dist/.test(f))
    .map((f) => join(folder, f));
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  ...["docs/guides", "docs/design", "docs/diagnostics"].flatMap(inFolder),
  ...readdirSync(join(root, "packages")).map((p) => `packages/${p}/README.md`),
];
/** What GitHub calls a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");

test.each(pages)("every link of %s leads somewhere", (page) => {
  const text = readFileSync(join(root, page), "utf8").replace(/^```[\s\S]*?^```$/gm, "");
  const dead = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((m) => m[1]!)
    .filter((to) => !/^\w+:/.test(to))
    .filter((to) => {
      const [path, anchor] = to.split("#") as [string, string?];
      const target = path === "" ? join(root, page) : join(root, dirname(page), path);
      if (!existsSync(target)) return true;
      if (anchor === undefined) return false;
      const headings = [...readFileSync(target, "utf8").matchAll(/^#+ (.*)$/gm)].map((h) => anchorOf(h[1]!));
      return !headings.includes(anchor);
    });
  expect(dead).toEqual([]);
});

test("every guide and design note is in its list", () => {
  for (const folder of ["docs/guides", "docs/design"]) {
    const list = readFileSync(join(root, folder, "README.md"), "utf8");
    for (const f of readdirSync(join(root, folder)).filter((f) => f !== "README.md")) expect(list).toContain(`](${f})`);
  }
});
