import {
  type Attr,
  type Attrs,
  type Dim,
  type DType,
  decode,
  dtypes,
  numbersOf,
  type OpDef,
  type TensorType,
  tensor,
  type Value,
} from "@tflower/core";
import type { ParameterForm } from "../dialect/define-tfl.ts";
import type { Tensor } from "../file/tflite-file.ts";
import { FileProblem } from "./file-problem.ts";
import type { FreshSymbols } from "./import-type.ts";

/** What stands in the place of a parameter: its tensor, and the value, unless it is a constant. */
export interface GivenParameter {
  readonly tensor: Tensor;
  readonly value: Value | undefined;
}

/** Parameters as attributes, and those among them that only a run gives. */
export interface ImportedParameters {
  readonly attrs: Record<string, unknown>;
  /** Values for operands of the parameters' names. */
  readonly operands: Record<string, Value>;
  /** Symbols that stand for what the file does not say. */
  readonly unknown: ReadonlySet<string>;
}

/**
 * Parameters of an operator: constants become attributes, computed ones operands, with symbols in the attribute. One that is absent is
 * unknown too; `resultRank` says how many numbers a list then has.
 */
export function importParameters(
  op: OpDef,
  given: Readonly<Record<string, GivenParameter | undefined>>,
  symbols: FreshSymbols,
  resultRank: number,
): ImportedParameters {
  const info = op.traits.tfl!;
  const attrs: Record<string, unknown> = {};
  const operands: Record<string, Value> = {};
  const unknown = new Set<string>();
  const make = (): Dim => {
    const s = symbols.next();
    unknown.add(s.key);
    return s;
  };
  for (const [name, form] of Object.entries(info.parameters)) {
    const spec = (op.attrs as Attrs)[name]!;
    const at = given[name];
    if (at && !at.value) {
      attrs[name] = constantParameter(at.tensor, form, name);
      continue;
    }
    if (at?.value) {
      if (!(name in op.operands))
        throw new FileProblem("TFL0033", `its "${name}" is computed at run time, which "${op.name}" cannot hold`);
      operands[name] = at.value;
    }
    if (!holdsDims(spec)) {
      if (!spec.hasDefault)
        throw new FileProblem(
          "TFL0033",
          `its "${name}" is ${at ? "computed at run time" : "not there"}, and "${op.name}" needs to know it`,
        );
      continue; // what is computed holds
    }
    if (form.endsWith("scalar")) attrs[name] = at || !spec.hasDefault ? make() : spec.default;
    else attrs[name] = Array.from({ length: at ? lengthOf(at.tensor, name) : resultRank }, make);
  }
  return { attrs, operands, unknown };
}

const holdsDims = (spec: Attr<any>): boolean =>
  spec.kind === "dim" || (spec.kind === "list" && spec.of!.kind === "dim");

function lengthOf({ shape, shapeSignature }: Tensor, name: string): number {
  const extents = shapeSignature ?? shape ?? [-1];
  if (extents.some((d) => d < 0))
    throw new FileProblem("TFL0033", `nothing says how many numbers its "${name}" has, which is computed at run time`);
  return extents.reduce((n, d) => n * d, 1);
}

function constantParameter({ dtype, shape, buffer }: Tensor, form: ParameterForm, name: string): unknown {
  const type: TensorType = tensor(dtype as DType, shape ?? []);
  const wanted = form.startsWith("f32") ? "float" : "int";
  if (dtypes[type.dtype]?.kind !== wanted)
    throw new FileProblem(
      "TFL0033",
      `its "${name}" is made of ${dtype}, where ${form.startsWith("f32") ? "f32" : "integers"} can be held`,
    );
  const values = Array.from(numbersOf(decode(type, buffer as Uint8Array)), Number);
  if (!form.endsWith("scalar")) return values;
  if (values.length !== 1) throw new FileProblem("TFL0033", `its "${name}" has ${values.length} numbers, not one`);
  return values[0];
}
