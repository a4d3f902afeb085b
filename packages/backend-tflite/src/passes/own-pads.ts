import { attr, definePass, mergeCommonSubexpressions, type Node, type OpDef, Rewriter } from "@tflower/core";
import { conv2d, depthwiseConv2d } from "../dialect/convolution.ts";
import { pad } from "../dialect/pad.ts";

const convolutions: readonly OpDef[] = [conv2d, depthwiseConv2d];

/**
 * A delegate makes zeros around an image part of the convolution that reads them, where nobody else does. What several read is a copy;
 * a PAD for each of them is none. Runs last: whoever merges equal nodes would undo it.
 */
export const ownPads = definePass({
  name: "own-pads",
  summary: "Gives each convolution behind a PAD that others read too a PAD of its own.",
  options: { enabled: attr.bool.default_(true) },
  after: [mergeCommonSubexpressions],
  scope: "graph",
  run(graph, { compiler, options, count }) {
    if (!options.enabled || compiler.settings.target !== "cpu") return;
    const rewriter = new Rewriter(graph);
    for (const node of [...graph.nodes]) {
      if (!node.is(pad) || node.operands_["paddings"]) continue;
      const padded = node as unknown as Node<typeof pad>;
      const { paddings } = padded.attrs;
      if (paddings.length !== 8 || [0, 1, 6, 7].some((i) => paddings[i] !== 0)) continue;
      const { result } = padded;
      const readers = [...result.users];
      const own = readers.filter((u) => convolutions.includes(u.op) && u.operands_["input"] === result);
      // one of several convolutions may keep it
      const spared = own.length === readers.length && !graph.isOutput(result) ? own.slice(1) : own;
      for (const user of spared) {
        const input = rewriter.emit(
          pad,
          { input: padded.operands.input },
          { before: user, locations: node.locations },
          { paddings },
        );
        rewriter.setOperands(user, { ...user.operands_, input });
        count("own-pad");
      }
    }
  },
});
