import { attr, definePass, type Node, Rewriter, type Value } from "@tflower/core";
import type { AtenCode } from "../codes.ts";

/** Takes assertions on computed data out of the program: a model file cannot stop a run. */
export const dropAsserts = definePass({
  name: "drop-asserts",
  summary: "Drops assertions on computed data, with a warning.",
  options: {
    /** Makes each of them an error, as the setting `strict` does. */
    strict: attr.bool.default_(false),
  },
  scope: "graph",
  run(graph, { compiler, options, report }) {
    const strict = options.strict || compiler.settings.strict === true;
    const rewriter = new Rewriter(graph);
    for (const node of [...graph.nodes]) {
      const { assertion } = node.op.traits;
      if (!assertion) continue;
      const location = node.locations[0];
      report({
        severity: strict ? "error" : "warning",
        code: "AST0001" satisfies AtenCode,
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
