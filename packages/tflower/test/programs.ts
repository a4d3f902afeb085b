import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { type DType, memorySource } from "@tflower/core";
import { type Pt2Program, readPt2 } from "@tflower/frontend-pt2";
import type { RuntimeTensor } from "@tflower/runtime-litert";

/** A tensor as make_programs.py writes it. */
export interface PlainTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
/** What one call takes, gives, and leaves behind. */
export interface Call {
  readonly in: readonly PlainTensor[];
  readonly out: readonly PlainTensor[];
  /** Buffers that the calls change, by FQN. */
  readonly state: Readonly<Record<string, PlainTensor>>;
  /** Inputs that this call changes, by place. */
  readonly mutated: Readonly<Record<string, PlainTensor>>;
}
/** A call of one of several signatures. */
export interface SignatureCall extends Pick<Call, "in" | "out"> {
  readonly signature: string;
}
export interface Expected {
  readonly calls?: readonly Call[];
  /** The code of the refusal. */
  readonly refused?: string;
}

const folder = new URL("fixtures/", import.meta.url);
const archive = new Uint8Array(gunzipSync(readFileSync(new URL("in-place.pt2.gz", folder))));

const { shared, ...others } = JSON.parse(readFileSync(new URL("in-place.json", folder), "utf8")) as Readonly<
  Record<string, Expected>
> & { readonly shared: { readonly sequence: readonly SignatureCall[] } };

/** What eager PyTorch does, by program. */
export const expected: Readonly<Record<string, Expected>> = others;

/** What calls of the programs `shared-write`, `shared-read` and `shared-clear` of one module do, one after the other. */
export const sequence = shared.sequence;

/** A program of the archive that make_programs.py wrote. */
export const program = (name: string): Promise<Pt2Program> =>
  readPt2(memorySource("in-place.pt2", archive), { model: name });

/** Float types that a file computes in float32. */
const widened: Readonly<Partial<Record<DType, DType>>> = { f16: "f32", f64: "f32", bf16: "f32" };

/** A tensor as the file takes and gives it. */
export function toRuntime({ dtype, shape, data }: PlainTensor): RuntimeTensor {
  const to = widened[dtype] ?? dtype;
  const elements =
    to === "i64"
      ? BigInt64Array.from(data, BigInt)
      : to === "i32"
        ? Int32Array.from(data)
        : to === "bool"
          ? Uint8Array.from(data)
          : Float32Array.from(data);
  return { dtype: to, shape, data: elements } as RuntimeTensor;
}

/** A result in the form of the fixture, so that a difference reads well. */
export const toPlain = (t: RuntimeTensor): PlainTensor => ({
  dtype: t.dtype,
  shape: [...t.shape],
  data: Array.from(t.data as Float32Array, Number),
});

/** The same in the dtype that the file has for it. -0 is 0 in the fixture. */
export const asInFile = (t: PlainTensor): PlainTensor => ({ ...t, dtype: widened[t.dtype] ?? t.dtype });
