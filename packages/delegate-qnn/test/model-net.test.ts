import { expect, test } from "vitest";
import {
  dispatchPartitions,
  knownSocs,
  modelNet,
  partitionForQnn,
  putInQnn,
  weightBytes,
  weightEntries,
} from "../src/index.ts";
import { smallNet } from "./small-net.ts";

function graphOf() {
  const module = smallNet();
  const { bodies } = dispatchPartitions(module, partitionForQnn(module, knownSocs.socs.get("SM8650")!));
  return putInQnn(bodies[0]!);
}
interface Net {
  readonly op_types: readonly string[];
  readonly graph: {
    readonly tensors: Readonly<
      Record<string, { readonly type: number; readonly data_type: number; readonly dims: readonly number[] }>
    >;
    readonly nodes: Readonly<
      Record<
        string,
        {
          readonly type: string;
          readonly input_names: readonly string[];
          readonly output_names: readonly string[];
          readonly scalar_params: object;
          readonly tensor_params: Readonly<Record<string, object>>;
        }
      >
    >;
  };
}

test("a graph has the converters' form", () => {
  const net = modelNet(graphOf(), "small.bin") as Net & { readonly "model.bin": string };
  expect(net["model.bin"]).toBe("small.bin");
  expect(net.op_types).toEqual([
    "Conv2d",
    "ElementWiseNeuron",
    "DepthWiseConv2d",
    "ElementWiseBinary",
    "ReduceMean",
    "FullyConnected",
  ]);
  expect(net.graph.tensors["x"]).toMatchObject({ id: 0, type: 0, data_type: 0x232, dims: [1, 8, 8, 4] });
  expect(net.graph.tensors["y"]).toMatchObject({ type: 1, dims: [1, 5] });
  const conv = Object.values(net.graph.nodes).find((n) => n.type === "Conv2d")!;
  // the filter is HWIO
  expect(net.graph.tensors[conv.input_names[1]!]!.dims).toEqual([3, 3, 4, 8]);
  expect(Object.values(conv.tensor_params["stride"]!)[0]).toMatchObject({ data: [2, 1], data_type: 0x132 });
  expect(Object.values(conv.tensor_params["pad_amount"]!)[0]).toMatchObject({ data: [0, 1, 1, 1], dims: [2, 2] });
  for (const n of Object.values(net.graph.nodes))
    for (const name of [...n.input_names, ...n.output_names]) expect(net.graph.tensors).toHaveProperty([name]);
});

test("weights lie one after another", async () => {
  const graph = graphOf();
  const entries = weightEntries(graph);
  let total = 0;
  for await (const bytes of weightBytes(graph)) total += bytes.length;
  expect(entries.at(-1)!.offset + entries.at(-1)!.length).toBe(total);
  // convolution, bias, bound of the sigmoid, depthwise, bias, layer, bias
  expect(entries.map((e) => e.length).sort((a, b) => a - b)).toEqual([4, 20, 32, 32, 160, 288, 1152]);
});
