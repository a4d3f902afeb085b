import { attr, definePass, type Node, Rewriter, type Value } from "@tflower/core";

/** Takes assertions on computed data out of the program: a model file cannot stop a run. */
export const dropAsserts = definePass({
  name: "drop-asserts",
  summary: "Drops assertions on computed data, with a warning.",
  options: {
    /** Makes each of them an error. */
    strict: attr.bool.default_(false),
  },
  scope: "graph",
  run(graph, { options, report }) {
    const rewriter = new Rewriter(graph);
    for (const node of [...graph.nodes]) {
      const { assertion } = node.op.traits;
      if (!assertion) continue;
      const location = node.locations[0];
      report({
        severity: options.strict ? "error" : "warning",
        code: "AST0001",
        message: `"${node.op.name}" checks data that is known only when the program runs${messageOf(node)}; the file will not check it`,
        op: node.op.name,
        ...(location && { location }),
        help: "check it before the model runs, or remove it from the program",
      });
      rewriter.replace(node, assertion.token === undefined ? [] : [node.operands_[assertion.token] as Value]);
    }
  },
});
function messageOf(node: Node): string {
  const text = (node.attrs as Readonly<Record<string, unknown>>)["assert_msg"];
  return typeof text === "string" && text ? ` ("${text}")` : "";
}
