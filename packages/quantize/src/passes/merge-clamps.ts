import {
  definePass,
  dtypeInfo,
  type Graph,
  type Node,
  Rewriter,
  sameType,
  type TensorType,
  type Value,
} from "@tflower/core";

/**
 * Rounding rises, so that bounds may be met before it or after: what a program rounds both before and after a clamp, at one scale, it
 * rounds once; and bounds that the integers have themselves need no clamp.
 */
export const mergeClamps = definePass({
  name: "merge-clamps",
  summary: "Takes away roundings and bounds that integers have anyway.",
  scope: "graph",
  run(graph, { count }) {
    const rewriter = new Rewriter(graph);
    for (const node of [...graph.nodes]) {
      if (node.op.traits.quantizer !== "quantize" || !node.graph) continue;
      if (roundsTwice(node, graph, rewriter)) count("rounded once");
      while (isBounded(node)) {
        const clamp = node.inputs[0]!.producer!;
        rewriter.setOperands(node, { ...node.operands_, input: clamp.inputs[0]! });
        rewriter.eraseDead(clamp.results);
        count("bounded");
      }
    }
  },
});

const clampOf = (v: Value): Node | undefined => (v.producer?.op.traits.clamps ? v.producer : undefined);

/** `Q(clamp(D(Q(x)))) = Q(clamp(x))` for one type of integers. */
function roundsTwice(node: Node, graph: Graph, rewriter: Rewriter): boolean {
  const clamp = clampOf(node.inputs[0]!);
  const back = clamp ? clamp.inputs[0]!.producer : undefined;
  const first = back?.op.traits.quantizer === "dequantize" ? back.inputs[0]!.producer : undefined;
  if (!clamp || first?.op.traits.quantizer !== "quantize") return false;
  if (!sameType(first.results[0]!.type, node.results[0]!.type) || first.inputs[0]!.type.dtype !== "f32") return false;
  // others who read the integers need them as they are
  if (![clamp, back!, first].every((n) => graph.hasOneUse(n.results[0]!))) return false;
  rewriter.setOperands(clamp, { ...clamp.operands_, input: first.inputs[0]! });
  rewriter.eraseDead(back!.results);
  return true;
}

/** Whether the integers of `node` end where the clamp before it does, or before. */
function isBounded(node: Node): boolean {
  const bounds = clampOf(node.inputs[0]!)?.op.traits.clamps;
  const { type } = node.results[0]!;
  const ends = bounds && endsOf(type);
  if (!ends) return false;
  const code = (bound: number): number => Math.round(bound / type.quant!.scales[0]!) + type.quant!.zeroPoints[0]!;
  return code(bounds[0]) <= ends[0] && code(bounds[1]) >= ends[1];
}

function endsOf({ dtype, quant }: TensorType): readonly [number, number] | undefined {
  if (quant?.scales.length !== 1) return undefined;
  const half = 2 ** (dtypeInfo(dtype).bits - 1);
  return dtypeInfo(dtype).kind === "uint" ? [0, 2 * half - 1] : [-half, half - 1];
}
