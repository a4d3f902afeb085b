import { LiteRtError } from "./litert-error.ts";
import { mismatch, type RuntimeTensor, showType } from "./runtime-tensor.ts";
import type { RuntimeInputs, Signature } from "./signature.ts";

const isList = (inputs: RuntimeInputs): inputs is readonly RuntimeTensor[] => Array.isArray(inputs);

/** The inputs in the signature's order; throws RUN0005 with everything that does not match. */
export function matchInputs(signature: Signature, inputs: RuntimeInputs): readonly RuntimeTensor[] {
  const problems: string[] = [];
  const tensors = isList(inputs) ? byPosition(signature, inputs, problems) : byName(signature, inputs, problems);
  signature.inputs.forEach((port, i) => {
    const tensor = tensors[i];
    const problem = tensor === undefined ? undefined : mismatch(tensor, port.dtype, port.shape);
    if (problem !== undefined) problems.push(`input ${i} "${port.name}": ${problem}`);
  });
  if (problems.length > 0) {
    const wanted = signature.inputs.map((p) => `${p.name}: ${showType(p.dtype, p.shape)}`).join(", ");
    throw new LiteRtError("RUN0005", `${["the inputs do not match the signature", ...problems].join("\n  - ")}`, {
      help: `signature "${signature.key}" takes (${wanted})`,
    });
  }
  return tensors as readonly RuntimeTensor[];
}

function byPosition(
  signature: Signature,
  inputs: readonly RuntimeTensor[],
  problems: string[],
): readonly RuntimeTensor[] {
  if (inputs.length !== signature.inputs.length)
    problems.push(`expected ${signature.inputs.length} inputs, got ${inputs.length}`);
  return inputs;
}

function byName(
  signature: Signature,
  inputs: Readonly<Record<string, RuntimeTensor>>,
  problems: string[],
): readonly (RuntimeTensor | undefined)[] {
  const names = new Set(signature.inputs.map((p) => p.name));
  for (const name of Object.keys(inputs)) if (!names.has(name)) problems.push(`"${name}" is no input`);
  return signature.inputs.map((port, i) => {
    if (Object.hasOwn(inputs, port.name)) return inputs[port.name];
    problems.push(`input ${i} "${port.name}": expected ${showType(port.dtype, port.shape)}, got nothing`);
    return undefined;
  });
}
