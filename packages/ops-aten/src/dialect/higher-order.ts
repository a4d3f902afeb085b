import { attr, defineOp, operand } from "@tflower/core";

/** Higher-order ops of torch take graphs; their arguments have no names, so these are ours, in PyTorch's order. */
const body = { operands: operand.variadic(operand.tensor) };

export const wrapWithSetGradEnabled = defineOp("higher_order.wrap_with_set_grad_enabled", {
  summary: "Runs a graph with gradients switched on or off; inference has none.",
  operands: body,
  attrs: { enabled: attr.raw, graph: attr.graph },
  traits: { wraps: { graph: "graph", operands: "operands" } },
});

export const wrapWithAutocast = defineOp("higher_order.wrap_with_autocast", {
  summary: "Runs a graph whose casts the exporter has written out already.",
  operands: body,
  attrs: { device_type: attr.raw, dtype: attr.raw, enabled: attr.raw, cache_enabled: attr.raw, graph: attr.graph },
  traits: { wraps: { graph: "graph", operands: "operands" } },
});

export const cond = defineOp("higher_order.cond", {
  summary: "Runs one of two graphs.",
  operands: { pred: operand.bool, ...body },
  attrs: { true_graph: attr.graph, false_graph: attr.graph },
  traits: { calls: { graphs: ["true_graph", "false_graph"], captured: "operands" } },
  run: ({ pred, operands }, { true_graph, false_graph }, call) =>
    call(pred.data[0] ? true_graph : false_graph, operands),
});

export const whileLoop = defineOp("higher_order.while_loop", {
  summary: "Runs a graph as long as another gives true.",
  operands: { carried: operand.variadic(operand.tensor), additional: operand.variadic(operand.tensor) },
  attrs: { cond_graph: attr.graph, body_graph: attr.graph },
  traits: { calls: { graphs: ["cond_graph", "body_graph"], carried: "carried", captured: "additional" } },
  async run({ carried, additional }, { cond_graph, body_graph }, call) {
    let state = carried;
    while ((await call(cond_graph, [...state, ...additional]))[0]!.data[0])
      state = await call(body_graph, [...state, ...additional]);
    return state;
  },
});
