import type { Compiler, Pipeline, Plugin } from "./compiler.ts";
import type { Node } from "./ir/node.ts";
import type { OpDef } from "./op/define-op.ts";
import type { PassFactory } from "./pass/define-pass.ts";
import type { QuantAnnotation } from "./quant-annotation.ts";
import type { Lowering } from "./rewrite/define-lowering.ts";
import type { Serialized, SerializeTap } from "./serialized.ts";

/** What a plugin adds, said as data; `apply` does the rest. */
export interface PluginSpec {
  /** How messages and reproducers call it: the package's name, by custom. */
  readonly name: string;
  /** Ops of its dialect: importers and the text form know them from then on. */
  readonly ops?: Readonly<Record<string, OpDef>> | readonly OpDef[];
  /** Lowerings; one with the name of an earlier one takes its place. */
  readonly lowerings?: readonly Lowering<any>[];
  /** Ops whose lowerings so far are taken away, before `lowerings` are added. */
  readonly withoutLoweringsOf?: readonly OpDef[];
  /** Ops that may stay as they are, because somebody later knows them. */
  readonly legal?: (node: Node) => boolean | undefined;
  /** Passes that pipelines in text may name. */
  readonly passes?: readonly PassFactory[];
  /** Changes the pipeline. */
  readonly pipeline?: (stages: Pipeline) => Pipeline;
  /** Says how a node is to be quantized, or leaves it to others. */
  readonly annotate?: (node: Node) => QuantAnnotation | undefined;
  /** Changes what is written, by what it is. */
  readonly serialize?: { readonly [K in keyof Serialized]?: SerializeTap<K> };
  /** Everything else: hooks of the compiler. */
  readonly apply?: (compiler: Compiler) => void;
}

/**
 * Declares a {@link Plugin}: a value to give to `compiler.use`, to list in `tflower.config.ts`, or to export from a module that
 * `--plugin` names.
 *
 * @example
 * const plugin = definePlugin({ name: "swish", ops: { swish: lowerSwish.op }, lowerings: [lowerSwish] });
 */
export function definePlugin(spec: PluginSpec): Plugin {
  const { name } = spec;
  return Object.freeze({
    name,
    apply(compiler: Compiler) {
      if (spec.ops) compiler.ops(spec.ops);
      for (const op of spec.withoutLoweringsOf ?? []) compiler.withoutLowering(op);
      if (spec.lowerings) compiler.lower(...spec.lowerings);
      if (spec.legal) compiler.hooks.legal.tap(name, spec.legal as (node: Node) => boolean);
      if (spec.passes) compiler.passes(...spec.passes);
      if (spec.pipeline) compiler.hooks.pipeline.tap(name, spec.pipeline);
      if (spec.annotate) compiler.hooks.annotate.tap(name, spec.annotate as (node: Node) => QuantAnnotation);
      for (const [what, change] of Object.entries(spec.serialize ?? {}))
        compiler.hooks.serialize.for(what as never).tap(name, change as never);
      spec.apply?.(compiler);
    },
  });
}
