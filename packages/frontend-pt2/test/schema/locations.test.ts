import { describe, expect, it } from "vitest";
import { readPt2 } from "../../src/read-pt2.ts";
import { parseModuleStack, parseStackTrace } from "../../src/schema/locations.ts";
import { fixture } from "../support/fixture.ts";

describe("parseStackTrace", () => {
  it("reads what torch writes for a convolution", () => {
    const trace =
      'File "torchvision/models/mobilenetv2.py", line 174, in forward\n    return self._forward_impl(x)\n  File "torch/nn/modules/container.py", line 253, in forward\n    input = module(input)\n  File "torch/nn/modules/conv.py", line 565, in forward\n    return self._conv_forward(input, self.weight, self.bias)';
    expect(parseStackTrace(trace)).toEqual([
      {
        file: "torchvision/models/mobilenetv2.py",
        line: 174,
        function: "forward",
        source: "return self._forward_impl(x)",
      },
      { file: "torch/nn/modules/container.py", line: 253, function: "forward", source: "input = module(input)" },
      {
        file: "torch/nn/modules/conv.py",
        line: 565,
        function: "forward",
        source: "return self._conv_forward(input, self.weight, self.bias)",
      },
    ]);
  });

  it("leaves out code that torch generated", () => {
    const trace =
      'File "model.py", line 30, in forward\n    y=torch.cond(y.sum()>0, t, f, (y,))\n  File "<eval_with_key>.5", line 11, in forward\n    cond = torch.ops.higher_order.cond(l_args_0_, cond_true_0, cond_false_0, (l_args_3_0_,));  l_args_0_ = None\n  File "<eval_with_key>.7", line 6, in forward\n    cos = l_args_3_0__1.cos();  l_args_3_0__1 = None';
    expect(parseStackTrace(trace)).toEqual([
      { file: "model.py", line: 30, function: "forward", source: "y=torch.cond(y.sum()>0, t, f, (y,))" },
    ]);
  });

  it("takes markers, several lines, odd names and missing lines", () => {
    const trace =
      '  File "C:\\my models\\net.py", line 9, in <lambda>\n    a = b(\n        c)\n    ~~^^^^\n  File "x.py", line 1, in Net.forward\n  File "y.py", line 2';
    expect(parseStackTrace(trace)).toEqual([
      { file: "C:\\my models\\net.py", line: 9, function: "<lambda>", source: "a = b(\nc)" },
      { file: "x.py", line: 1, function: "Net.forward" },
      { file: "y.py", line: 2 },
    ]);
  });

  it("gives nothing for other text", () => {
    for (const text of ["", "hello", 'File "a.py"', "\n\n"]) expect(parseStackTrace(text)).toEqual([]);
  });
});

describe("parseModuleStack", () => {
  it("reads what torch writes", () => {
    const stack =
      "L__self__,,torchvision.models.mobilenetv2.MobileNetV2;L__self__features,features,torch.nn.modules.container.Sequential;L__self__features.0.0,features.0.0,torch.nn.modules.conv.Conv2d";
    expect(parseModuleStack(stack)).toEqual([
      { path: "", class: "torchvision.models.mobilenetv2.MobileNetV2" },
      { path: "features", class: "torch.nn.modules.container.Sequential" },
      { path: "features.0.0", class: "torch.nn.modules.conv.Conv2d" },
    ]);
  });

  it("takes the second call of a module for the same module", () => {
    expect(parseModuleStack("L__self__inner@1,inner,__main__.Inner").at(-1)).toEqual({
      path: "inner",
      class: "__main__.Inner",
    });
    expect(parseModuleStack("inner@1,inner@1,__main__.Inner").at(-1)!.path).toBe("inner");
  });

  it("makes names of the paths that dynamo writes", () => {
    const path = (p: string) => parseModuleStack(`k,${p},C`)[0]!.path;
    expect(path("L['self'].features[0].conv")).toBe("features.0.conv");
    expect(path("L['self']._modules['features']._modules['0']")).toBe("features.0");
    expect(path("L['self'].blocks['attn'][2]")).toBe("blocks.attn.2");
    expect(path("L['self']")).toBe("");
    expect(path("L__self___fc")).toBe("fc");
  });

  it("gives nothing for other text", () => {
    for (const text of ["", ";", "a", "a,b"]) expect(parseModuleStack(text)).toEqual([]);
  });

  it("names modules of real programs, of strict exports too", async () => {
    for (const name of ["small.pt2", "nested.pt2"]) {
      const { graph } = await readPt2(fixture(name));
      const stacks = graph.nodes.flatMap((n) => n.metadata.get("nn_module_stack") ?? []);
      const paths = stacks.map((s) => parseModuleStack(s).at(-1)!.path);
      expect(paths).toContain(name === "small.pt2" ? "fc" : "block.fc");
      expect(paths.every((p) => /^[\w.]*$/.test(p))).toBe(true);
    }
  });
});
