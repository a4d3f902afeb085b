import { readFile } from "node:fs/promises";
import { readTflite, type Tensor } from "@tflower/backend-tflite";
import { type Argument, readPt2, type SymSize } from "@tflower/frontend-pt2";
import { fileSource } from "../node/file-source.ts";

/** What a file holds, as `tflower inspect` shows it. */
export interface Inspection {
  readonly file: string;
  readonly kind: "pt2" | "tflite";
  readonly bytes: number;
  readonly producer?: string;
  readonly signatures: readonly {
    readonly key: string;
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
  }[];
  /** Number of uses by op, most used first. */
  readonly ops: Readonly<Record<string, number>>;
  /** Bytes of all weights, and the largest of them. */
  readonly weightBytes: number;
  readonly largest: readonly { readonly name: string; readonly bytes: number; readonly type: string }[];
  readonly symbols?: Readonly<Record<string, string>>;
}

const count = (names: Iterable<string>): Record<string, number> => {
  const out = new Map<string, number>();
  for (const n of names) out.set(n, (out.get(n) ?? 0) + 1);
  return Object.fromEntries([...out].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
};
const size = (s: SymSize): string =>
  typeof s === "number" ? String(s) : s.text.replace(/Symbol\('(\w+)'[^)]*\)/g, "$1");

/** Looks into a `.pt2` or a `.tflite`. */
export async function inspect(path: string): Promise<Inspection> {
  const source = await fileSource(path);
  try {
    const head = source.size >= 8 ? await source.read(0, 8) : new Uint8Array(8);
    return String.fromCharCode(...head.subarray(4, 8)) === "TFL3"
      ? inspectTflite(path, await readFile(path))
      : await inspectPt2(path, source);
  } finally {
    await source.close?.();
  }
}

async function inspectPt2(path: string, source: Awaited<ReturnType<typeof fileSource>>): Promise<Inspection> {
  const program = await readPt2(source);
  const { graph, signature } = program;
  const typeOf = (a: Argument): string => {
    const meta = a.kind === "tensor" ? graph.tensorValues.get(a.name) : undefined;
    return meta ? `${meta.dtype}[${meta.sizes.map(size).join(",")}]` : a.kind;
  };
  const inputs = signature.inputs.flatMap((s) => (s.kind === "userInput" ? [s.arg] : []));
  const outputs = signature.outputs.flatMap((s) => (s.kind === "userOutput" ? [s.arg] : []));
  const storages = new Map([...program.tensors.values()].map((t) => [t.storage.id, t]));
  const largest = [...storages.values()].sort((a, b) => b.storage.length - a.storage.length).slice(0, 5);
  return {
    file: path,
    kind: "pt2",
    bytes: source.size,
    producer: `torch ${program.torchVersion}`,
    signatures: [
      {
        key: program.model,
        inputs: inputs.map((a, i) => `${program.inputNames[i]}: ${typeOf(a)}`),
        outputs: outputs.map((a, i) => `${program.outputNames[i]}: ${typeOf(a)}`),
      },
    ],
    ops: count(graph.nodes.map((n) => n.target.replace(/^torch\.ops\./, ""))),
    weightBytes: [...storages.values()].reduce((n, t) => n + t.storage.length, 0),
    largest: largest.map((t) => ({ name: t.fqn, bytes: t.storage.length, type: `${t.dtype}[${t.sizes.join(",")}]` })),
    ...(program.rangeConstraints.size && {
      symbols: Object.fromEntries(
        [...program.rangeConstraints].map(([k, r]) => [k, `${r.min ?? 0}..${r.max ?? "inf"}`]),
      ),
    }),
  };
}

function inspectTflite(path: string, bytes: Uint8Array): Inspection {
  const file = readTflite(bytes);
  const type = (t: Tensor): string =>
    `${t.dtype}[${(t.shapeSignature ?? t.shape ?? []).map((d) => (d < 0 ? "?" : d)).join(",")}]`;
  const weights = new Map<unknown, { name: string; bytes: number; type: string }>();
  for (const g of file.subgraphs)
    for (const t of g.tensors)
      if (t.buffer) weights.set(t.buffer, { name: t.name ?? "", bytes: t.buffer.byteLength, type: type(t) });
  const signatures = file.signatures?.length
    ? file.signatures
    : [
        {
          key: "",
          subgraph: 0,
          inputs: file.subgraphs[0]!.inputs.map((tensor) => ({ name: "", tensor })),
          outputs: file.subgraphs[0]!.outputs.map((tensor) => ({ name: "", tensor })),
        },
      ];
  return {
    file: path,
    kind: "tflite",
    bytes: bytes.byteLength,
    ...(file.description !== undefined && { producer: file.description }),
    signatures: signatures.map((s) => {
      const show = (n: { name: string; tensor: number }): string =>
        `${n.name || file.subgraphs[s.subgraph]!.tensors[n.tensor]!.name}: ${type(file.subgraphs[s.subgraph]!.tensors[n.tensor]!)}`;
      return { key: s.key, inputs: s.inputs.map(show), outputs: s.outputs.map(show) };
    }),
    ops: count(file.subgraphs.flatMap((g) => g.operators.map((o) => o.customCode ?? o.builtin))),
    weightBytes: [...weights.values()].reduce((n, w) => n + w.bytes, 0),
    largest: [...weights.values()].sort((a, b) => b.bytes - a.bytes).slice(0, 5),
  };
}

/** `tflower inspect`. Gives the exit code. */
export async function inspectCommand(path: string, flags: { readonly json?: boolean }): Promise<number> {
  const i = await inspect(path);
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(i)}\n`);
    return 0;
  }
  const mega = (n: number): string => `${(n / 1e6).toFixed(2)} MB`;
  const out = [`${i.file}: ${i.kind}, ${mega(i.bytes)}${i.producer ? `, ${i.producer}` : ""}`];
  for (const s of i.signatures)
    out.push(
      `signature ${s.key || "(none)"}`,
      ...s.inputs.map((x) => `  in   ${x}`),
      ...s.outputs.map((x) => `  out  ${x}`),
    );
  if (i.symbols) out.push("symbols", ...Object.entries(i.symbols).map(([k, r]) => `  ${k} in ${r}`));
  out.push(
    `weights ${mega(i.weightBytes)}`,
    ...i.largest.map((w) => `  ${mega(w.bytes).padStart(10)}  ${w.name} ${w.type}`),
  );
  out.push("ops", ...Object.entries(i.ops).map(([k, n]) => `  ${String(n).padStart(5)}  ${k}`));
  process.stdout.write(`${out.join("\n")}\n`);
  return 0;
}
