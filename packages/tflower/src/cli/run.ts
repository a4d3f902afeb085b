import { readFile } from "node:fs/promises";
import type { DType } from "@tflower/core";
import type { Port, RuntimeData, RuntimeTensor, Signature } from "@tflower/runtime-litert";
import { writeFileAtomically } from "../node/write-file.ts";
import { type RawTensor, readSafetensors, writeSafetensors } from "../safetensors/safetensors.ts";
import { UsageError } from "./usage-error.ts";

export interface RunFlags {
  readonly inputs: string;
  readonly outputs: string;
  readonly signature?: string;
}

const arrays: Readonly<Partial<Record<DType, new (buffer: ArrayBuffer) => unknown>>> = {
  f64: Float64Array,
  f32: Float32Array,
  f16: Uint16Array,
  bf16: Uint16Array,
  i64: BigInt64Array,
  i32: Int32Array,
  i16: Int16Array,
  i8: Int8Array,
  u64: BigUint64Array,
  u32: Uint32Array,
  u16: Uint16Array,
  u8: Uint8Array,
  bool: Uint8Array,
  c64: Float32Array,
};

function toRuntime(t: RawTensor, name: string): RuntimeTensor {
  const Make = arrays[t.dtype];
  if (!Make) throw new RangeError(`input "${name}" has dtype ${t.dtype}, which the runtime does not take`);
  const bytes = t.bytes.slice();
  return { dtype: t.dtype, shape: t.shape, data: new Make(bytes.buffer as ArrayBuffer) as RuntimeData };
}

/** Inputs of a file, by position (`in.0`, `in.1`, ...) or by the signature's names. */
function pickInputs(
  tensors: ReadonlyMap<string, RawTensor>,
  ports: readonly Port[],
  file: string,
): readonly RuntimeTensor[] {
  return ports.map((p, i) => {
    const key = tensors.has(`in.${i}`) ? `in.${i}` : p.name;
    const t = tensors.get(key);
    if (!t)
      throw new RangeError(
        `${file} holds no tensor for input ${i}: expected "in.${i}" or "${p.name}", got ${[...tensors.keys()].join(", ") || "an empty file"}`,
      );
    return toRuntime(t, key);
  });
}

function pickSignature(signatures: readonly Signature[], wanted: string | undefined): Signature {
  if (wanted === undefined) return signatures[0]!;
  const found = signatures.find((s) => s.key === wanted);
  if (!found)
    throw new UsageError(`the model has no signature "${wanted}"; it has ${signatures.map((s) => s.key).join(", ")}`);
  return found;
}

/** Loads the runtime when a command needs it. The bundled CLI cannot import by itself, so its host does. */
export type ImportRuntime = () => Promise<typeof import("@tflower/runtime-litert")>;

/** `tflower run`. Gives the exit code. */
export async function runCommand(path: string, flags: RunFlags, importRuntime: ImportRuntime): Promise<number> {
  const { loadModel } = await importRuntime();
  const model = await loadModel(await readFile(path));
  try {
    const signature = pickSignature(model.signatures, flags.signature);
    const inputs = pickInputs(
      readSafetensors(flags.inputs, await readFile(flags.inputs)),
      signature.inputs,
      flags.inputs,
    );
    const results = await model.run(inputs, { signature: signature.key });
    const out = new Map<string, RawTensor>(
      results.map((r, i) => [
        `out.${i}`,
        {
          dtype: r.dtype,
          shape: r.shape,
          bytes: new Uint8Array(r.data.buffer as ArrayBuffer, r.data.byteOffset, r.data.byteLength),
        },
      ]),
    );
    await writeFileAtomically(flags.outputs, async (sink) => void (await sink.write(writeSafetensors(out))));
    for (const [i, p] of signature.outputs.entries())
      process.stderr.write(`out.${i}  ${p.name}  ${results[i]!.dtype}[${results[i]!.shape.join(",")}]\n`);
    return 0;
  } finally {
    model.dispose();
  }
}
