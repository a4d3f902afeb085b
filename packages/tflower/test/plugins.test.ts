import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findModule } from "../src/node/find-module.ts";
import { cli } from "./capture.ts";

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/plugins/${name}`, import.meta.url));
const example = (name: string): string =>
  fileURLToPath(new URL(`../../../examples/custom-op/${name}`, import.meta.url));
const program = example("swish_net.pt2");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tflower-plugins-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const convert = (...flags: readonly string[]) => cli("convert", program, "-o", at("a.tflite"), ...flags);
const opsOf = async (path: string): Promise<Record<string, number>> =>
  JSON.parse((await cli("inspect", path, "--json")).out).ops;

describe("a plugin is used", () => {
  test("by the path of its file", async () => {
    expect(await convert()).toMatchObject({ code: 1 });
    expect(await convert("--plugin", fixture("swish.ts"))).toMatchObject({ code: 0 });
    expect(await cli("check", program, "--plugin", fixture("swish.ts"))).toMatchObject({ code: 0 });
  });
  test("that is the only one its module exports", async () => {
    expect(await convert("--plugin", example("swish-plugin.ts"))).toMatchObject({ code: 0 });
  });
  test("with options, by a config file; flags come before its settings", async () => {
    expect(await convert("--config", fixture("with-plugins.ts"))).toMatchObject({ code: 0 });
    expect(await opsOf(at("a.tflite"))).toMatchObject({ NEG: 1 });
    const opt = await cli(
      "opt",
      program,
      "--config",
      fixture("with-plugins.ts"),
      "--passes",
      "lower",
      "--target",
      "cpu",
    );
    expect(opt.code).toBe(0);
  });
});

describe("what cannot be used is refused in a paragraph", () => {
  test.each([
    [
      "a file that is not there",
      ["--plugin", "./no/such.ts"],
      /CLI0008.*\.\/no\/such\.ts: there is no such file or package/,
    ],
    [
      "a package that is not installed",
      ["--plugin", "no-such-plugin"],
      /tried .*, package no-such-plugin, package tflower-plugin-no-such-plugin[\s\S]*npm install no-such-plugin/,
    ],
    [
      "no plugin among the exports",
      ["--plugin", fixture("none.mjs")],
      /it exports no plugin[\s\S]*expected a default export[\s\S]*it exports lowering \(object\)/,
    ],
    [
      "several plugins",
      ["--plugin", fixture("several.ts")],
      /several plugins, and none of them as the default[\s\S]*one \(a plugin\), two \(a plugin\)/,
    ],
    ["a module that throws", ["--plugin", fixture("throws.mjs")], /this plugin is out of order/],
    [
      "a function that gives something else",
      ["--plugin", fixture("wrong-return.mjs")],
      /export `plugin` returned string, and no plugin/,
    ],
    ["a config that is not there", ["--config", "no.config.ts"], /CLI0009.*no\.config\.ts: there is no such file/],
    [
      "a key that no config has",
      ["--config", fixture("bad-config.mjs")],
      /"plugin" is no part of a config; expected plugins, settings, pipeline/,
    ],
    [
      "a value of another type",
      ["--config", fixture("wrong-config.mjs")],
      /"plugins" must be a list of plugins, names, or \[name, options\], got string/,
    ],
  ] as const)("%s", async (_, flags, why) => {
    const r = await convert(...flags);
    expect(r.code).toBe(1);
    expect(r.err).toMatch(why);
    expect(r.err).toMatch(/= help: /);
    expect(r.err).not.toMatch(/\n\s+at /);
    expect(existsSync(at("a.tflite"))).toBe(false);
  });
});

describe("packages", () => {
  function install(name: string, manifest: object): void {
    mkdirSync(at(`node_modules/${name}/lib`), { recursive: true });
    writeFileSync(at(`node_modules/${name}/package.json`), JSON.stringify({ name, ...manifest }));
    writeFileSync(at(`node_modules/${name}/lib/index.js`), "export const plugin = { name: 'x', apply() {} };\n");
  }
  test.each([
    ["exports, a string", "a", { exports: "./lib/index.js" }],
    [
      "exports by condition",
      "@s/a",
      { exports: { ".": { types: "./no.d.ts", require: "./no.cjs", import: "./lib/index.js" } } },
    ],
    ["conditions inside conditions", "b", { exports: { node: { require: "./no.cjs", default: "./lib/index.js" } } }],
    ["main", "c", { main: "lib/index.js" }],
  ])("%s", (_, name, manifest) => {
    install(name, manifest);
    mkdirSync(at("inner/folder"), { recursive: true });
    expect(findModule(name, at("inner/folder"))).toEqual({ path: at(`node_modules/${name}/lib/index.js`) });
  });
  test("a short name finds tflower-plugin-NAME", () => {
    install("tflower-plugin-swish", { exports: "./lib/index.js" });
    expect(findModule("swish", folder)).toEqual({ path: at("node_modules/tflower-plugin-swish/lib/index.js") });
  });
  test("a package whose file is missing is named", () => {
    install("d", { main: "missing.js" });
    expect(findModule("d", folder)).toMatchObject({
      tried: [at("d"), expect.stringContaining("missing.js, which"), "package d", "package tflower-plugin-d"],
    });
  });
});

// with nothing but the built CLI: TypeScript is transformed, and tflower's packages are its own, wherever the plugin lies
test("the CLI finds tflower.config.ts where it runs", () => {
  const cliPath = fileURLToPath(new URL("../bin/tflower.js", import.meta.url));
  cpSync(fixture("swish.ts"), at("swish.ts"));
  writeFileSync(
    at("tflower.config.ts"),
    'import { defineConfig } from "tflower";\nimport { plugin } from "./swish.ts";\nexport default defineConfig({ plugins: [plugin({ negated: true })] });\n',
  );
  execFileSync(process.execPath, [cliPath, "convert", program, "-o", "a.tflite"], { cwd: folder, stdio: "pipe" });
  expect(readFileSync(at("a.tflite")).subarray(4, 8).toString()).toBe("TFL3");
});
