import type { Argument, ExportedProgram } from "./exported-program.ts";
import { leafPaths, parseTreeSpec, type TreeSpec } from "./tree-spec.ts";

/** Names of the program's inputs and outputs, as a user knows them. */
export interface InterfaceNames {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** How the inputs were flattened; undefined where the file does not say. */
  readonly inSpec: TreeSpec | undefined;
}

/** Longer names come from crafted files only. */
const maxName = 256;

/**
 * Names inputs after the arguments of `forward`, and outputs after what it returns: `x`, `batch.images`, `logits`.
 * Falls back on the graph's own names where the pytree specs are missing or do not fit the signature.
 */
export function interfaceNames(program: ExportedProgram): InterfaceNames {
  const call = program.moduleCalls.find((c) => c.fqn === "")?.signature;
  const inSpec = call && parseTreeSpec(call.inSpec, program.namedTupleFields);
  const outSpec = call && parseTreeSpec(call.outSpec, program.namedTupleFields);
  const inputs = program.signature.inputs.flatMap((s) =>
    s.kind === "userInput" ? [valueName(s.arg)] : s.kind === "constantInput" ? [s.name] : [],
  );
  const outputs = program.signature.outputs.flatMap((s) =>
    s.kind === "userOutput" ? [valueName(s.arg)] : s.kind === "lossOutput" ? [s.name] : [],
  );
  const given = inSpec && inputPaths(inSpec, call?.forwardArgNames ?? []);
  const returned = outSpec && outputPaths(outSpec);
  return {
    inputNames: unique(given?.length === inputs.length ? given : inputs.map((n, i) => n ?? `input_${i}`)),
    outputNames: unique(returned?.length === outputs.length ? returned : outputs.map((n, i) => n ?? `output_${i}`)),
    inSpec: given?.length === inputs.length ? inSpec : undefined,
  };
}

const valueName = (arg: Argument): string | undefined =>
  arg.kind === "tensor" ||
  arg.kind === "symInt" ||
  arg.kind === "symFloat" ||
  arg.kind === "symBool" ||
  arg.kind === "customObject"
    ? arg.name
    : undefined;

/** The spec of inputs is a tuple of the positional arguments' tuple and the keywords' dict. */
function inputPaths(spec: TreeSpec, argNames: readonly string[]): readonly string[] | undefined {
  if (spec.kind === "leaf" || spec.children.length !== 2) return undefined;
  return leafPaths(spec).map(([which, key, ...rest]) => {
    const first = which === "0" ? (argNames[Number(key)] ?? `args_${key}`) : (key ?? "kwargs");
    return [first, ...rest].join(".");
  });
}

/** A single result is `output`; results of a tuple or list are numbered; keys and fields name themselves. */
function outputPaths(spec: TreeSpec): readonly string[] {
  if (spec.kind === "leaf") return ["output"];
  const numbered = spec.type === "builtins.tuple" || spec.type === "builtins.list";
  return leafPaths(spec).map(([key, ...rest]) =>
    [numbered || /^\d+$/.test(key!) ? `output_${key}` : key, ...rest].join("."),
  );
}

function unique(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  const next = new Map<string, number>();
  return names.map((given) => {
    const name = given.slice(0, maxName) || "unnamed";
    let free = name;
    for (let n = next.get(name) ?? 2; taken.has(free); n++) {
      free = `${name}_${n}`;
      next.set(name, n + 1);
    }
    taken.add(free);
    return free;
  });
}
