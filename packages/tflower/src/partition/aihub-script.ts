import type { DType, Graph, Module } from "@tflower/core";
import type { PartitionTarget } from "./partition-target.ts";

/** Dtypes that AI Hub's input specs know, in its words. */
const specDTypes: Partial<Record<DType, string>> = {
  f32: "float32",
  i8: "int8",
  i16: "int16",
  i32: "int32",
  i64: "int64",
  u8: "uint8",
  u16: "uint16",
};

/** An input that AI Hub's client cannot be told about, and why. */
export interface UnsayableInput {
  readonly name: string;
  readonly why: string;
}

const text = (s: string): string => JSON.stringify(s);
const python = (shape: readonly number[]): string => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

/** Inputs of a graph as Python's `input_specs`, and those that it has no words for. */
export function inputSpecs(graph: Graph): { readonly python: string; readonly unsayable: readonly UnsayableInput[] } {
  const unsayable: UnsayableInput[] = [];
  const lines = graph.inputs.map((v, i) => {
    const name = v.name ?? `args_${i}`;
    const dtype = specDTypes[v.type.dtype];
    const open = v.type.shape.findIndex((d) => typeof d !== "number");
    if (dtype === undefined) unsayable.push({ name, why: `it is ${v.type.dtype}` });
    if (open >= 0) unsayable.push({ name, why: `its axis ${open} has no fixed extent` });
    const shape = v.type.shape.map((d) => (typeof d === "number" ? d : 1));
    return `    ${text(name)}: (${python(shape)}, ${text(dtype ?? "float32")}),`;
  });
  return { python: `{\n${lines.join("\n")}\n}`, unsayable };
}

const computeUnits = { CPU: "cpu", GPU: "gpu,cpu", NPU: "npu,cpu" } as const;

/** Files that a script is about, beside which it lies. */
export interface AihubFiles {
  /** The `.tflite`. */
  readonly model: string;
  /** The `.pt2` it was made from: AI Hub compiles that, and no `.tflite`. */
  readonly program?: string;
}

/**
 * A Python program that gives a `.tflite` to Qualcomm AI Hub: uploads it, profiles it and runs it on a device, and saves what comes back. With
 * the program at hand it can have AI Hub compile that one, too, to compare. It makes exactly the calls of the `qai_hub` client, and
 * nothing of it runs before a person starts it.
 */
export function aihubScript(module: Module, target: PartitionTarget, { model, program }: AihubFiles): string {
  const graph = module.find(module.signatures[0]?.graph ?? "main") ?? module.graphs[0]!;
  const specs = inputSpecs(graph);
  const base = model.replace(/\.tflite$/, "");
  const soc = target.key.split(":")[1];
  const options = `options=${text(`--compute_unit ${computeUnits[target.unit]}`)}`;
  const warnings = specs.unsayable.map(
    (u) => `# Mind input ${text(u.name)}: ${u.why}, which input specs cannot say.\n`,
  );
  const runtime = target.unit === "NPU" ? "qnn_context_binary" : "tflite";
  const compile =
    program === undefined
      ? ""
      : `if args.compile:
    compile_job = hub.submit_compile_job(
        model=str(here / ${text(program)}),
        device=device,
        input_specs=input_specs,
        options="--target_runtime ${runtime}",
    )
    model = compile_job.get_target_model()
    if model is None:
        raise SystemExit(f"the compile job failed: {compile_job.url}")
else:
    `;
  return `"""Profiles and runs ${model} on a device of Qualcomm AI Hub.

Made by "tflower partition --target ${target.key} --aihub". Needs "pip install qai-hub numpy", an account, and
"qai-hub configure --api_token TOKEN" once; "qai-hub list-devices" shows the devices${soc === undefined ? "" : `: choose one with ${soc}`}.

    python ${base}.aihub.py --device "NAME"
"""

import argparse
import json
import pathlib

import numpy as np
import qai_hub as hub

here = pathlib.Path(__file__).resolve().parent
input_specs = ${specs.python}
${warnings.join("")}
parser = argparse.ArgumentParser()
parser.add_argument("--device", required=True, help="a name that qai-hub list-devices shows")
parser.add_argument("--inputs", help="an .npz with an array for each input; without it, random numbers and zeros")
${program === undefined ? "" : `parser.add_argument("--compile", action="store_true", help="let AI Hub compile ${program}, and run that instead")\n`}args = parser.parse_args()
device = hub.Device(args.device)

if args.inputs:
    stored = np.load(args.inputs)
    inputs = {name: [stored[name]] for name in input_specs}
else:
    random = np.random.default_rng(0)
    inputs = {
        name: [random.random(shape, dtype) if dtype == "float32" else np.zeros(shape, dtype)]
        for name, (shape, dtype) in input_specs.items()
    }

${compile}model = hub.upload_model(str(here / ${text(model)}))
profile_job = hub.submit_profile_job(model=model, device=device, ${options})
inference_job = hub.submit_inference_job(model=model, device=device, inputs=inputs, ${options})

profile = profile_job.download_profile()
(here / ${text(`${base}.profile.json`)}).write_text(json.dumps(profile, indent=1))
outputs = inference_job.download_output_data()
np.savez(here / ${text(`${base}.outputs.npz`)}, **{name: values[0] for name, values in outputs.items()})
print(json.dumps(profile["execution_summary"], indent=1))
`;
}
