import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const packages = fileURLToPath(new URL("../../", import.meta.url));

/** What each package may import of the others. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  core: [],
  "backend-tflite": ["core"],
  "ops-aten": ["core", "backend-tflite"],
  "frontend-pt2": ["core", "ops-aten"],
  quantize: ["core"],
  "delegate-qnn": ["core", "backend-tflite"],
  "runtime-litert": ["core"],
  testing: ["core", "backend-tflite", "ops-aten", "runtime-litert"],
  tflower: ["core", "backend-tflite", "ops-aten", "frontend-pt2", "quantize", "delegate-qnn", "runtime-litert"],
};
/** Packages that run in a page: only files named here may import from Node, and only where they are loaded on demand. */
const nodeOnly = [
  /^tflower\/src\/(node|cli)\//,
  /^delegate-qnn\/src\/node\//,
  /^runtime-litert\/src\/node-host\.ts$/,
  /^testing\/src\/.*node.*\.ts$/,
];

const sources = readdirSync(packages).flatMap((name) =>
  (readdirSync(join(packages, name, "src"), { recursive: true }) as string[])
    .filter((f) => f.endsWith(".ts"))
    .map((f) => ({
      package: name,
      file: `${name}/src/${f.replaceAll("\\", "/")}`,
      text: readFileSync(join(packages, name, "src", f), "utf8"),
    })),
);
const importsOf = (text: string): string[] =>
  [...text.matchAll(/^\s*(?:import|export)\b[^"';]*?from\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm)].map(
    (m) => (m[1] ?? m[2])!,
  );

test("the packages are the ones the edges are stated for", () => {
  expect(readdirSync(packages).sort()).toEqual(Object.keys(allowed).sort());
});

test.each(Object.keys(allowed))("%s imports only what it may", (name) => {
  const bad = sources
    .filter((s) => s.package === name)
    .flatMap((s) => importsOf(s.text).map((target) => ({ file: s.file, target })))
    .filter(({ target }) => target.startsWith("@tflower/") || target === "tflower")
    .filter(({ target }) => !allowed[name]!.includes(target.replace("@tflower/", "").split("/")[0]!));
  expect(bad).toEqual([]);
});

test("no source reaches into another package's folder", () => {
  const bad = sources.flatMap((s) =>
    importsOf(s.text)
      .filter((t) => /^(\.\.\/)+(packages|core|ops-aten|backend-tflite|frontend-pt2)\//.test(t))
      .map((t) => `${s.file}: ${t}`),
  );
  expect(bad).toEqual([]);
});

test("only host files import from Node", () => {
  const builtin = /^(node:|fs$|path$|os$|zlib$|crypto$|module$|url$|vm$|worker_threads$)/;
  const bad = sources
    .filter((s) => !nodeOnly.some((p) => p.test(s.file)))
    .flatMap((s) =>
      importsOf(s.text)
        .filter((t) => builtin.test(t))
        .map((t) => `${s.file}: ${t}`),
    );
  expect(bad).toEqual([]);
});

test("packages have no default exports and no barrels but their entries", () => {
  const defaults = sources.filter((s) => /^export default\b/m.test(s.text)).map((s) => s.file);
  expect(defaults.filter((f) => !f.includes("/generated/"))).toEqual([]);
  const stars = sources
    .filter((s) => /^export \* from/m.test(s.text) && !/\/index\.ts$/.test(s.file))
    .map((s) => s.file);
  expect(stars.filter((f) => !f.includes("/generated/"))).toEqual([]);
});

/** Files that a file loads when it runs: imports that are more than types. */
function loadedBy({ file, text }: (typeof sources)[number]): string[] {
  return [...text.matchAll(/^(?:import|export)\s+(?!type\b)([^"';]*?)from\s+"([^"]+)"/gm)]
    .filter((m) => {
      const names = /^\{([\s\S]*)\}\s*$/.exec(m[1]!.trim())?.[1];
      return !names?.split(",").every((n) => n.trim() === "" || n.trim().startsWith("type "));
    })
    .map((m) => m[2]!)
    .filter((to) => to.startsWith("."))
    .map((to) => posix.join(posix.dirname(file), to));
}

test("no file loads itself by way of others", () => {
  const edges = new Map(sources.map((s) => [s.file, loadedBy(s)]));
  const state = new Map<string, "open" | "done">();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") {
      cycles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
      return;
    }
    state.set(file, "open");
    for (const to of edges.get(file) ?? []) visit(to, [...path, file]);
    state.set(file, "done");
  };
  for (const file of edges.keys()) visit(file, []);
  expect([...edges.values()].flat().length).toBeGreaterThan(500);
  expect(cycles).toEqual([]);
});
