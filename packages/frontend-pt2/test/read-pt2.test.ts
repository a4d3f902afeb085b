import { memorySource } from "@tflower/core";
import { describe, expect, it } from "vitest";
import type { SampleValue } from "../src/program.ts";
import { readPt2 } from "../src/read-pt2.ts";
import type { ExportGraph } from "../src/schema/exported-program.ts";
import { expectCode } from "./support/expect-code.ts";
import { fixture, fixtureJson } from "./support/fixture.ts";
import { gather } from "./support/gather.ts";
import { editProgram, isProgram, rewriteArchive } from "./support/rewrite-archive.ts";

interface Packed {
  readonly dtype: string;
  readonly sizes: readonly number[];
  readonly hex: string;
}
interface Expected {
  readonly nodes: number;
  readonly tensors: Readonly<Record<string, Packed>>;
  readonly inner?: Readonly<Record<string, Packed>>;
  readonly samples: readonly (Packed | { readonly value: string })[] | null;
}
const expected = fixtureJson<Record<string, Expected>>("expected.json");

async function showSample(value: SampleValue): Promise<Packed | { value: string }> {
  switch (value.kind) {
    case "tensor":
      return gather(value.tensor);
    case "none":
      return { value: "None" };
    case "bool":
      return { value: value.value ? "True" : "False" };
    case "string":
      return { value: `'${value.value}'` };
    case "float":
      return { value: Number.isInteger(value.value) ? `${value.value}.0` : String(value.value) };
    default:
      return { value: value.kind === "int" ? String(value.value) : "?" };
  }
}

describe.each(Object.keys(expected))("%s.pt2", (name) => {
  it("gives the tensors that torch loads", async () => {
    const program = await readPt2(fixture(`${name}.pt2`));
    const found: Record<string, Packed> = {};
    for (const [fqn, tensor] of program.tensors) found[fqn] = await gather(tensor);
    expect(found).toEqual(expected[name]!.tensors);
  });

  it("gives the nodes of the graph, each with the values it names", async () => {
    const { graph } = await readPt2(fixture(`${name}.pt2`));
    expect(graph.nodes).toHaveLength(expected[name]!.nodes);
    for (const node of graph.nodes)
      for (const out of node.outputs) if (out.kind === "tensor") expect(graph.tensorValues.has(out.name)).toBe(true);
  });

  it("gives the sample inputs", async () => {
    const program = await readPt2(fixture(`${name}.pt2`));
    const { samples } = expected[name]!;
    if (name === "named") return expectCode("IMP0016", () => program.sampleInputs(), /Pair|Box/);
    const found = await program.sampleInputs();
    expect(found && (await Promise.all(found.map(showSample)))).toEqual(samples ?? undefined);
    if (found) expect(program.inputNames).toHaveLength(found.length);
  });
});

describe("tensors", () => {
  it("of torchao's classes are described by their parts", async () => {
    const program = await readPt2(fixture("subclass.pt2"));
    const weight = program.subclasses.get("0.weight")!;
    expect(weight).toMatchObject({ class: "torchao.quantization.Int8Tensor", dtype: "f32", sizes: [3, 4] });
    const parts: Record<string, Packed> = {};
    for (const [name, part] of weight.inner) if (!("inner" in part)) parts[name] = await gather(part);
    expect(parts).toEqual(expected["subclass"]!.inner);
    const [access] = program.graph.nodes;
    expect(access!.target).toBe("torch.ops.export.access_subclass_inner_tensor.default");
  });

  it("of one storage share it, others do not", async () => {
    const { tensors } = await readPt2(fixture("weights.pt2"));
    const storage = (fqn: string) => tensors.get(fqn)!.storage;
    expect(storage("embed.weight")).toBe(storage("head.weight"));
    expect(storage("first")).toBe(storage("second"));
    const distinct = new Set([...tensors.values()].map((t) => t.storage));
    expect(distinct.size).toBe(tensors.size - 2);
    expect(new Set([...distinct].map((s) => s.id)).size).toBe(distinct.size);
    expect(new Set([...distinct].map((s) => s.source.name)).size).toBe(distinct.size);
  });

  it("keep strides, offsets and tables", async () => {
    const { tensors } = await readPt2(fixture("weights.pt2"));
    expect(tensors.get("conv.weight")).toMatchObject({
      sizes: [4, 3, 2, 2],
      strides: [12, 1, 6, 3],
      isParam: true,
      table: "weights",
    });
    expect(tensors.get("turned")).toMatchObject({ sizes: [4, 3], strides: [1, 4] });
    expect(tensors.get("wide")).toMatchObject({ sizes: [3, 4], strides: [0, 1] });
    expect(tensors.get("second")).toMatchObject({ sizes: [4], strides: [3], storageOffset: 6, isParam: false });
    expect(tensors.get("scratch")).toMatchObject({ table: "constants" });
    expect(tensors.get("nothing")).toMatchObject({ sizes: [0, 3] });
  });

  it("are not read before they are asked for", async () => {
    const all = fixture("weights.pt2");
    const ranges: [number, number][] = [];
    const padded = await rewriteArchive("weights.pt2", (_, data) => data, [
      { name: "weights/extra/filler", data: new Uint8Array(300_000) },
    ]);
    const inner = memorySource(all.name, padded);
    const program = await readPt2({
      ...inner,
      read(offset, length) {
        ranges.push([offset, length]);
        return inner.read(offset, length);
      },
    });
    // the weights come first in the file
    const config = Buffer.from(padded).indexOf("weights/data/weights/model_weights_config.json");
    expect(Math.min(...ranges.map(([offset]) => offset))).toBeGreaterThan(config - 64);
    await program.tensors.get("turned")!.storage.source.read(0, 4);
    expect(ranges.at(-1)![0]).toBeLessThan(config);
  });

  it("without data are refused, all of them at once", async () => {
    await expectCode(
      "IMP0018",
      () => readPt2(fixture("no-data.pt2")),
      /fc\.weight/,
      /fc\.bias/,
      /seen/,
      /FakeTensorMode/,
    );
  });

  it("that the signature names must be there", async () => {
    const bytes = await rewriteArchive("small.pt2", (name, data) =>
      name.endsWith("constants_config.json") ? '{"config": {}}' : data,
    );
    await expectCode("IMP0018", () => readPt2(memorySource("small.pt2", bytes)), /constant "scale"/);
  });
});

describe("signatures", () => {
  it("tell inputs, constants, buffers and parameters apart", async () => {
    const { signature } = await readPt2(fixture("weights.pt2"));
    const kinds = signature.inputs.map((s) => `${s.kind} ${"fqn" in s ? s.fqn : ""}`.trim());
    expect(kinds).toEqual(
      expect.arrayContaining(["parameter embed.weight", "buffer steps", "buffer scratch", "userInput"]),
    );
    expect(signature.inputs.find((s) => s.kind === "buffer" && s.fqn === "scratch")).toMatchObject({
      persistent: false,
    });
  });

  it("name inputs and outputs as Python does", async () => {
    const nested = await readPt2(fixture("nested.pt2"));
    expect(nested.inputNames).toEqual([
      ...["batch.images", "batch.unused", "boxes.0", "boxes.1.0", "boxes.1.1", "rest_0", "rest_1"],
      ...["scale", "mask", "training", "count", "mode"],
    ]);
    expect(nested.outputNames).toEqual(["out", "more.0", "more.1"]);
    const named = await readPt2(fixture("named.pt2"));
    expect(named.inputNames).toEqual(["pair.a", "pair.b", "box.x", "box.y"]);
    expect(named.outputNames).toEqual(["x", "y.a", "y.b"]);
    expect((await readPt2(fixture("weights.pt2"))).outputNames).toEqual(["output_0", "output_1", "output_2"]);
    expect((await readPt2(fixture("raw.pt2"))).outputNames).toEqual(["output"]);
  });

  it("carry the Python values that were baked in", async () => {
    const { signature } = await readPt2(fixture("nested.pt2"));
    expect(signature.inputs.flatMap((s) => (s.kind === "constantInput" ? [s.value] : []))).toEqual([
      { kind: "float", value: 2 },
      { kind: "none" },
      { kind: "bool", value: true },
      { kind: "int", value: 3 },
      { kind: "string", value: "x" },
    ]);
  });

  it("fall back on the graph's names when the pytree specs make no sense", async () => {
    for (const spec of [
      "",
      "{}",
      '[2, {"type": null}]',
      '[1, {"type": "builtins.tuple", "context": "null", "children_spec": []}]',
    ]) {
      const bytes = await editProgram("nested.pt2", (json) => {
        json.graph_module.module_call_graph[0].signature.in_spec = spec;
        json.graph_module.module_call_graph[0].signature.out_spec = spec;
        return json;
      });
      const program = await readPt2(memorySource("nested.pt2", bytes));
      expect(program.inputNames.slice(0, 3)).toEqual(["batch_images", "batch_unused", "boxes_0"]);
      expect(new Set(program.outputNames).size).toBe(3);
      await expectCode("IMP0015", () => program.sampleInputs(), /flattened/);
    }
  });
});

describe("graphs", () => {
  it("inside of graphs are decoded", async () => {
    const { graph } = await readPt2(fixture("branch.pt2"));
    const inner = (g: ExportGraph): ExportGraph[] =>
      g.nodes.flatMap((n) =>
        n.inputs.flatMap(({ arg }) => (arg.kind === "graph" ? [arg.graph, ...inner(arg.graph)] : [])),
      );
    const graphs = inner(graph);
    expect(graphs).toHaveLength(4);
    expect(graphs.flatMap((g) => g.nodes.map((n) => n.target))).toEqual(
      expect.arrayContaining([
        "torch.ops.aten.exp.default",
        "torch.ops.aten.sin.default",
        "torch.ops.higher_order.cond",
      ]),
    );
    expect(graphs[0]!.tensorValues.size).toBeGreaterThan(0);
  });

  it("keep symbolic sizes with their hints and ranges", async () => {
    const { graph, rangeConstraints } = await readPt2(fixture("shapes.pt2"));
    const [n] = graph.tensorValues.get("x")!.sizes;
    expect(n).toMatchObject({ expr: { kind: "symbol" }, hint: 6 });
    const symbol = (n as { expr: { name: string } }).expr.name;
    expect(rangeConstraints.get(symbol)).toEqual({ min: 2, max: 64 });
    const all = [...graph.tensorValues.values()].flatMap((t) => t.sizes.filter((s) => typeof s !== "number"));
    const kinds = new Set(all.map((s) => s.expr.kind));
    expect([...kinds]).toEqual(expect.arrayContaining(["symbol", "add", "mul"]));
    expect(all.some((s) => s.hint === undefined && s.expr.kind === "symbol" && s.expr.name.startsWith("u"))).toBe(true);
  });

  it("keep the largest int64 exact, and infinities", async () => {
    const raw = await readPt2(fixture("raw.pt2"));
    const slice = raw.graph.nodes.find((n) => n.target === "torch.ops.aten.slice.Tensor")!;
    expect(slice.inputs.find((i) => i.name === "end")!.arg).toEqual({ kind: "int", value: 9223372036854775807n });
    const types = await readPt2(fixture("types.pt2"));
    const clamp = types.graph.nodes.find((n) => n.target === "torch.ops.aten.clamp.default")!;
    expect(clamp.inputs.find((i) => i.name === "min")!.arg).toEqual({ kind: "float", value: -Infinity });
  });
});

describe("an archive", () => {
  it("may hold several models, one of which is chosen by name", async () => {
    await expectCode("IMP0008", () => readPt2(fixture("two-models.pt2")), /"decode", "prefill"/);
    await expectCode("IMP0008", () => readPt2(fixture("two-models.pt2"), { model: "other" }), /"decode", "prefill"/);
    const program = await readPt2(fixture("two-models.pt2"), { model: "prefill" });
    expect([...program.tensors.keys()]).toEqual(["fc.weight", "fc.bias"]);
    expect(program.model).toBe("prefill");
  });

  it("may lie in no folder, or next to what macOS adds", async () => {
    const bytes = await rewriteArchive("small.pt2", (name, data) => ({ name: name.slice("small/".length), data }));
    expect((await readPt2(memorySource("a.pt2", bytes))).tensors.size).toBe(4);
    const mac = await rewriteArchive("small.pt2", (_, data) => data, [
      { name: "__MACOSX/models/._model.json", data: "x" },
      { name: "small/", data: "" },
    ]);
    expect((await readPt2(memorySource("a.pt2", mac))).tensors.size).toBe(4);
  });

  it("of a newer minor schema is read with a warning, of another major refused", async () => {
    const version = (major: number, minor: number) =>
      editProgram("small.pt2", (json) => ({ ...json, schema_version: { major, minor }, brand_new: 1 }));
    const newer = await readPt2(memorySource("a.pt2", await version(8, 99)));
    expect(newer.warnings).toEqual([expect.stringContaining("8.99")]);
    expect((await readPt2(memorySource("a.pt2", await version(8, 1)))).warnings).toEqual([]);
    await expectCode(
      "IMP0012",
      async () => readPt2(memorySource("a.pt2", await version(9, 0))),
      /9\.0/,
      /update tflower/,
    );
    await expectCode(
      "IMP0012",
      async () => readPt2(memorySource("a.pt2", await version(5, 3))),
      /5\.3/,
      /export it again/,
    );
  });

  it("of another format or byte order is refused", async () => {
    const set = (entry: string, text: string) =>
      rewriteArchive("small.pt2", (name, data) => (name === `small/${entry}` ? text : data));
    await expectCode(
      "IMP0009",
      async () => readPt2(memorySource("a.pt2", await set("archive_version", "7"))),
      /archive_version/,
      /"7"/,
    );
    await expectCode(
      "IMP0009",
      async () => readPt2(memorySource("a.pt2", await set("archive_format", "pt9"))),
      /"pt9"/,
    );
    await expectCode(
      "IMP0009",
      async () => readPt2(memorySource("a.pt2", await set("byteorder", "big"))),
      /big-endian/,
    );
  });

  it("without its tables is refused", async () => {
    for (const table of ["weights", "constants"]) {
      const bytes = await rewriteArchive("small.pt2", (name, data) =>
        name.includes(`${table}_config`) ? undefined : data,
      );
      await expectCode("IMP0006", () => readPt2(memorySource("a.pt2", bytes)), new RegExp(`${table}_config\\.json`));
    }
    const bytes = await rewriteArchive("small.pt2", (name, data) => (/weight_\d/.test(name) ? undefined : data));
    await expectCode(
      "IMP0006",
      () => readPt2(memorySource("a.pt2", bytes)),
      /weight_0 \(fc\.weight\)/,
      /weight_1 \(fc\.bias\)/,
    );
    const flat = await rewriteArchive("flat.pt2", (name, data) => (name.includes("state_dict") ? undefined : data));
    await expectCode("IMP0006", () => readPt2(memorySource("a.pt2", flat)), /serialized_state_dict/);
  });

  it("may have no sample inputs", async () => {
    const gone = await rewriteArchive("small.pt2", (name, data) => (name.includes("sample_inputs") ? undefined : data));
    expect(await (await readPt2(memorySource("a.pt2", gone))).sampleInputs()).toBeUndefined();
    expect(await (await readPt2(fixture("types.pt2"))).sampleInputs()).toBeUndefined();
  });

  it("with damaged text is refused by its checksum", async () => {
    const bytes = await rewriteArchive("small.pt2", (name, data) => (isProgram(name) ? { name, data, crc: 1 } : data));
    await expectCode("IMP0005", () => readPt2(memorySource("a.pt2", bytes)), /model\.json/);
  });

  it("without checksums is read", async () => {
    const bytes = await rewriteArchive("small.pt2", (name, data) => ({ name, data, crc: 0 }));
    const program = await readPt2(memorySource("a.pt2", bytes));
    for (const [fqn, tensor] of program.tensors) expect(await gather(tensor)).toEqual(expected["small"]!.tensors[fqn]);
  });
});
