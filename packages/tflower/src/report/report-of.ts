import { xnnpackSupport } from "@tflower/backend-tflite";
import {
  type Constant,
  constantByteLength,
  type Diagnostic,
  type Module,
  type Node,
  type PassTime,
  showType,
} from "@tflower/core";
import type { Comparison } from "../compare/compare-layers.ts";
import { xnnpackTarget } from "../partition/partition-target.ts";
import { type Placement, placementOf } from "../partition/placement.ts";
import { groupBy } from "./group-by.ts";
import { constantsOf, macsOf, weightBytesOf } from "./node-facts.ts";
import { type TransposeLeft, transposesLeft } from "./transposes-left.ts";

/** One op of the op table. */
export interface OpRow {
  readonly op: string;
  readonly count: number;
  readonly macs: number;
  readonly weightBytes: number;
}
/** A constant, with who reads it. */
export interface WeightRow {
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  readonly readers: readonly string[];
}
/** What a report says, as data. */
export interface Report {
  readonly title: string;
  readonly fileBytes?: number;
  readonly signatures: readonly {
    readonly key: string;
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
  }[];
  readonly ops: readonly OpRow[];
  /** `undefined` where an extent is not known. */
  readonly macs: number | undefined;
  readonly weightBytes: number;
  readonly transposes: readonly TransposeLeft[];
  /** Which op runs where. */
  readonly placement: Placement;
  readonly weights: readonly WeightRow[];
  readonly diagnostics: readonly Diagnostic[];
  readonly times: readonly PassTime[];
  readonly comparison?: Comparison;
  /** How it was quantized, and how far it is from the float program, for people. */
  readonly quantized?: string;
}

/** What a report is made of beside the module. */
export interface ReportParts {
  readonly title: string;
  readonly fileBytes?: number;
  readonly diagnostics?: readonly Diagnostic[];
  readonly times?: readonly PassTime[];
  readonly comparison?: Comparison;
  readonly quantized?: string;
  /** Which op runs where; on XNNPACK, which LiteRT applies by default, when nothing else is given. */
  readonly placement?: Placement;
}

/** Gathers the facts of a compiled module. */
export function reportOf(module: Module, parts: ReportParts): Report {
  const nodes = module.graphs.flatMap((g) => [...g.nodes]);
  const macs = nodes.map(macsOf);
  return {
    ...parts,
    diagnostics: parts.diagnostics ?? [],
    times: parts.times ?? [],
    signatures: module.signatures.map((s) => {
      const g = module.find(s.graph)!;
      return {
        key: s.key,
        inputs: g.inputs.map((v) => `${v.name}: ${showType(v.type)}`),
        outputs: g.outputs.map((v, i) => `${g.outputNames[i] ?? `output_${i}`}: ${showType(v.type)}`),
      };
    }),
    ops: opsOf(nodes),
    macs: macs.includes(undefined) ? undefined : macs.reduce<number>((a, b) => a + b!, 0),
    weightBytes: weightsOf(nodes).reduce((n, w) => n + w.bytes, 0),
    transposes: module.graphs.flatMap(transposesLeft),
    placement: parts.placement ?? placementOf(module, xnnpackTarget, xnnpackSupport),
    weights: weightsOf(nodes).slice(0, 20),
  };
}

function opsOf(nodes: readonly Node[]): readonly OpRow[] {
  return [...groupBy(nodes, (n) => n.op.name)]
    .map(([op, all]) => ({
      op,
      count: all.length,
      macs: all.reduce((n, x) => n + (macsOf(x) ?? 0), 0),
      weightBytes: all.reduce((n, x) => n + weightBytesOf(x), 0),
    }))
    .sort((a, b) => b.macs - a.macs || b.count - a.count || (a.op < b.op ? -1 : 1));
}

/** Constants, each once, largest first. */
function weightsOf(nodes: readonly Node[]): readonly WeightRow[] {
  const out = new Map<string, WeightRow & { readers: string[] }>();
  for (const node of nodes)
    for (const v of constantsOf(node)) {
      const { key } = v.constant as Constant;
      const row = out.get(key) ?? {
        name: v.name ?? "",
        type: showType(v.type),
        bytes: constantByteLength(v.constant),
        readers: [],
      };
      row.readers.push(node.locations[0]?.module ?? node.op.name);
      out.set(key, row);
    }
  return [...out.values()].sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
}
