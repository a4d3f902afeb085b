import { CompileError, memorySource } from "@tflower/core";
import { describe, expect, it } from "vitest";
import { openZip } from "../src/archive/zip-archive.ts";
import { readCodes } from "../src/import-error.ts";
import { readPt2, readStorage } from "../src/read-pt2.ts";
import { parseModuleStack, parseStackTrace } from "../src/schema/locations.ts";
import { fixtureBytes } from "./support/fixture.ts";
import { concat, writeZip } from "./support/zip-writer.ts";

/** mulberry32: the same mutations in every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Values that length fields, opcodes and texts react to. */
const telling = [
  0, 1, 0x7f, 0x80, 0xff, 0x22, 0x28, 0x2c, 0x2e, 0x30, 0x39, 0x50, 0x5b, 0x5d, 0x65, 0x68, 0x7b, 0x7d, 0x81, 0x94,
];

/** One to three changes to a copy of `bytes`. */
function mutate(bytes: Uint8Array, below: (n: number) => number): Uint8Array {
  let out: Uint8Array = bytes.slice();
  for (let n = 1 + below(3); n > 0; n--) {
    if (out.length === 0) return out;
    const at = below(out.length);
    const length = 1 + below(Math.min(64, out.length - at));
    switch (below(8)) {
      case 0:
        out[at]! ^= 1 << below(8);
        break;
      case 1:
        out[at] = telling[below(telling.length)]!;
        break;
      case 2:
        out.fill(telling[below(telling.length)]!, at, at + Math.min(length, 8));
        break;
      case 3:
        out = out.slice(0, at);
        break;
      case 4:
        out = concat(out.subarray(0, at), out.subarray(at + length));
        break;
      case 5:
        out = concat(out.subarray(0, at), out.subarray(at, at + length), out.subarray(at));
        break;
      case 6:
        out.copyWithin(at, below(out.length), out.length);
        break;
      case 7:
        out.set(out.slice(at, at + length), below(out.length - length + 1));
    }
  }
  return out;
}

/** Reads everything there is; gives the codes of what was refused. */
async function consume(bytes: Uint8Array): Promise<string[]> {
  const refused: string[] = [];
  const attempt = async (run: () => Promise<void>): Promise<void> => {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      for (const d of error.diagnostics) {
        expect(Object.keys(readCodes)).toContain(d.code);
        expect(d.help).toBeTruthy();
        expect(d.message.length).toBeLessThan(5000);
        expect(d.message).not.toMatch(/\p{Cc}/u);
        refused.push(d.code);
      }
    }
  };
  await attempt(async () => {
    const program = await readPt2(memorySource("fuzz.pt2", bytes));
    for (const t of program.tensors.values()) await attempt(async () => void (await readStorage(t.storage)));
    for (const s of program.subclasses.values())
      for (const part of s.inner.values())
        if (!("inner" in part)) await attempt(async () => void (await readStorage(part.storage)));
    for (const n of program.graph.nodes) {
      parseStackTrace(n.metadata.get("stack_trace") ?? "");
      parseModuleStack(n.metadata.get("nn_module_stack") ?? "");
    }
    await attempt(async () => {
      for (const s of (await program.sampleInputs()) ?? [])
        if (s.kind === "tensor") await readStorage(s.tensor.storage);
    });
  });
  return refused;
}

/** A longer search: `FUZZ_TIMES=100 npx vitest run fuzz`. */
const times = Number(process.env["FUZZ_TIMES"] ?? 1);

async function run(name: string, rounds: number, make: (below: (n: number) => number) => Uint8Array): Promise<void> {
  const count = rounds * times;
  const seen = new Set<string>();
  let read = 0;
  let slowest = 0;
  const before = process.memoryUsage();
  for (let seed = 1; seed <= count; seed++) {
    const start = performance.now();
    try {
      const codes = await consume(make(random(seed)));
      if (codes.length === 0) read++;
      for (const c of codes) seen.add(c);
    } catch (error) {
      throw new Error(`${name}, seed ${seed}`, { cause: error });
    }
    slowest = Math.max(slowest, performance.now() - start);
  }
  const after = process.memoryUsage();
  expect(after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed).toBeLessThan(200_000_000);
  expect(slowest).toBeLessThan(2000);
  // mutations that change nothing, or that all fail in the same way, would prove nothing
  expect(read).toBeLessThan(count);
  expect(seen.size).toBeGreaterThan(1);
}

describe("a mutated archive is read or refused", () => {
  it.each(["raw.pt2", "pickled.pt2", "flat.pt2", "nested.pt2", "weights.pt2"])("%s", async (name) => {
    const bytes = fixtureBytes(name);
    await run(name, 150, (below) => mutate(bytes, below));
  });
});

describe("an archive with a mutated entry and the right checksum is read or refused", () => {
  const cases: readonly (readonly [string, RegExp, number])[] = [
    ["small.pt2", /model\.json$/, 400],
    ["branch.pt2", /model\.json$/, 150],
    ["shapes.pt2", /model\.json$/, 150],
    ["weights.pt2", /weights_config\.json$/, 200],
    ["nested.pt2", /sample_inputs/, 150],
    ["pickled.pt2", /weight_0$/, 150],
    ["subclass.pt2", /weight_0$/, 150],
  ];
  it.each(cases)("%s: %s", async (name, pattern, count) => {
    const zip = await openZip(memorySource(name, fixtureBytes(name)), { file: name });
    const entries = await Promise.all(
      [...zip.entries.values()].map(async (e) => ({ name: e.name, data: await zip.readBytes(e) })),
    );
    await run(name, count, (below) =>
      writeZip(entries.map((e) => (pattern.test(e.name) ? { ...e, data: mutate(e.data, below) } : e))),
    );
  });

  it("flat.pt2: the pickle in its state dict", async () => {
    const outer = await openZip(memorySource("flat.pt2", fixtureBytes("flat.pt2")), { file: "flat.pt2" });
    const entries = await Promise.all(
      [...outer.entries.values()].map(async (e) => ({ name: e.name, data: await outer.readBytes(e) })),
    );
    const saved = entries.find((e) => e.name === "serialized_state_dict.pt")!;
    const inner = await openZip(memorySource("x.pt", saved.data), { file: "x.pt" });
    const parts = await Promise.all(
      [...inner.entries.values()].map(async (e) => ({ name: e.name, data: await inner.readBytes(e) })),
    );
    await run("flat.pt2", 500, (below) => {
      const data = writeZip(
        parts.map((p) => (p.name.endsWith("data.pkl") ? { ...p, data: mutate(p.data, below) } : p)),
      );
      return writeZip(entries.map((e) => (e === saved ? { ...e, data } : e)));
    });
  });
});
