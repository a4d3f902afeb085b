import { CompileError, type Compiler, type PartitionStrategy } from "@tflower/core";
import { knownSocs, unknownSoc } from "@tflower/delegate-qnn";

/** A delegate whose share of a model is asked for. */
export interface PartitionTarget {
  /** The key of its hooks, as `qnn:SM8650`. */
  readonly key: string;
  /** What people call it. */
  readonly name: string;
  /** What runs the ops that it takes. Others run on the CPU. */
  readonly unit: "CPU" | "GPU" | "NPU";
  /** Who makes the partitions: the runtime when it loads the file, or tflower when it writes it. */
  readonly strategy: PartitionStrategy;
  /** `target` of the settings with which a program is lowered for it. */
  readonly settings: string;
  /** What a person should know about it beside the numbers. */
  readonly note?: string;
}

const fixed: Readonly<Record<string, PartitionTarget>> = {
  xnnpack: { key: "xnnpack", name: "XNNPACK", unit: "CPU", strategy: "epochs", settings: "cpu" },
  gpu: {
    key: "gpu",
    name: "the GPU delegate",
    unit: "GPU",
    strategy: "epochs",
    settings: "gpu",
    note: "the delegate runs its largest partition only, unless max_delegated_partitions says more",
  },
};

/** XNNPACK, which LiteRT applies by default. */
export const xnnpackTarget: PartitionTarget = fixed["xnnpack"]!;

/** The target of a name such as `xnnpack`, `gpu` or `qnn:SM8650`. Throws a `CompileError` when it is unknown. */
export function partitionTarget(name: string): PartitionTarget {
  const known = Object.hasOwn(fixed, name) ? fixed[name] : undefined;
  if (known) return known;
  const soc = /^qnn:(.+)$/.exec(name)?.[1];
  if (soc === undefined)
    throw new CompileError([
      {
        severity: "error",
        code: "CLI0010",
        message: `there is no target "${name}"`,
        help: 'choose xnnpack, gpu, or qnn:SOC as in "qnn:SM8650"',
      },
    ]);
  if (!knownSocs.socs.has(soc)) throw new CompileError([unknownSoc(soc)]);
  return { key: name, name: `the NPU of ${soc}`, unit: "NPU", strategy: "fewest", settings: name };
}

/** Throws a `CompileError` when no plugin says what the target takes. */
export function requireVerdict(compiler: Compiler, { key, name }: PartitionTarget): void {
  if (compiler.verdictOf(key)) return;
  throw new CompileError([
    {
      severity: "error",
      code: "CLI0011",
      message: `no plugin says what ${name} takes`,
      notes: [
        `nothing taps the hook support.for("${key}")`,
        `plugins in use: ${compiler.plugins.map((p) => p.name).join(", ")}`,
      ],
      help: "use the delegate's plugin, with --plugin or in the config file",
    },
  ]);
}

/** Whose share of a module the compiler's target makes worth knowing: XNNPACK's, where nobody speaks for the target. */
export function targetOfSettings(compiler: Compiler): PartitionTarget {
  const { target } = compiler.settings;
  return target !== "cpu" && compiler.verdictOf(target) ? partitionTarget(target) : xnnpackTarget;
}
