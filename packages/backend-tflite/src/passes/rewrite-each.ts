import type { Graph, Node, OpDef, PassContext } from "@tflower/core";

/** Hands every node of `op` to `rewrite`, and counts under `name` those at which it changes the graph. */
export function rewriteEach<D extends OpDef<any, any, any>>(
  graph: Graph,
  op: D,
  { count }: Pick<PassContext, "count">,
  name: string,
  rewrite: (node: Node<D>) => void,
): void {
  for (const node of [...graph.nodes]) {
    if (!node.graph || !node.is(op)) continue;
    const { version } = graph;
    rewrite(node as unknown as Node<D>);
    if (graph.version !== version) count(name);
  }
}
