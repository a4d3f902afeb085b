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
  operands: { pred: operand.tensor, ...body },
  attrs: { true_graph: attr.graph, false_graph: attr.graph },
});

export const whileLoop = defineOp("higher_order.while_loop", {
  summary: "Runs a graph as long as another gives true.",
  operands: { carried: operand.variadic(operand.tensor), additional: operand.variadic(operand.tensor) },
  attrs: { cond_graph: attr.graph, body_graph: attr.graph },
});
