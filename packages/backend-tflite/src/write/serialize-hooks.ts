import { CompileError, type Compiler, type Diagnostic, type Module, type Node } from "@tflower/core";
import type { TfliteCode } from "../codes.ts";
import { checkKernel } from "../file/kernels.ts";
import { opVersion } from "../file/op-versions.ts";
import type { Operator, Tensor, TfliteFile } from "../file/tflite-file.ts";
import { describeOperator } from "./describe-operator.ts";

/** An operator before its version is known. That of a builtin follows from its form; a custom op's is its kernel's affair, and 1 unless given. */
export type OperatorDraft = Omit<Operator, "version"> & { readonly version?: number };

declare module "@tflower/core" {
  interface Serialized {
    /** A whole file, made from a module: its metadata, names, tensors, operators. Kernels and versions are settled again afterwards. */
    readonly tflite: readonly [file: TfliteFile, module: Module];
    /** One operator, made from a node: the options of a custom op in a form of its own, for instance. */
    readonly "tflite.operator": readonly [operator: OperatorDraft, node: Node];
  }
}

/** What to do where a tap has made something that no runtime takes. */
export const tapHelp = "a tap of the hook `serialize` made it: change the plugin that has the tap";

/** What taps make of an operator. */
export const changedOperator = (operator: OperatorDraft, node: Node, compiler?: Compiler): OperatorDraft =>
  compiler?.hooks.serialize.get("tflite.operator")?.call(operator, node) ?? operator;

/** The operator with its version, and why no kernel takes it. */
export function settledOperator(
  draft: OperatorDraft,
  tensors: readonly Tensor[],
): { readonly operator: Operator; readonly refused?: string } {
  const outside = [...draft.inputs, ...draft.outputs].find((t) => t >= tensors.length);
  if (outside !== undefined)
    return { operator: { ...draft, version: 1 }, refused: `it names tensor ${outside} of ${tensors.length}` };
  const description = describeOperator(draft, tensors);
  // the kernel of a custom op is the user's, and what it takes nobody here knows
  const custom = draft.customCode !== undefined;
  const refused = custom ? undefined : checkKernel(description);
  const version = (custom && draft.version) || opVersion(description);
  return { operator: { ...draft, version }, ...(refused !== undefined && { refused }) };
}

/** What taps make of a file. Throws a `CompileError` with every operator that has no kernel any more. */
export function changedFile(file: TfliteFile, module: Module, compiler?: Compiler): TfliteFile {
  const changed = compiler?.hooks.serialize.get("tflite")?.call(file, module) ?? file;
  if (changed === file) return file;
  const problems: Diagnostic[] = [];
  const subgraphs = changed.subgraphs.map((graph, i) => {
    if (graph === file.subgraphs[i]) return graph;
    const operators = graph.operators.map((draft, k) => {
      const { operator, refused } = settledOperator(draft, graph.tensors);
      if (refused !== undefined)
        problems.push({
          severity: "error",
          code: "TFL0002" satisfies TfliteCode,
          message: `LiteRT has no kernel for this use of ${draft.builtin}: ${refused}`,
          subject: `operator ${k} of subgraph ${i} (${graph.name ?? "unnamed"})`,
          help: tapHelp,
        });
      return operator;
    });
    return { ...graph, operators };
  });
  if (problems.length) throw new CompileError(problems);
  return { ...changed, subgraphs };
}
