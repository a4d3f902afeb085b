import { attr, operand, tensor } from "@tflower/core";
import { defineTfl } from "./define-tfl.ts";

const resource = operand.dtype("resource");

export const varHandle = defineTfl("VAR_HANDLE", {
  summary: "Names a variable that outlives a run.",
  options: "VarHandleOptions",
  operands: {},
  attrs: { container: attr.str.default_(""), shared_name: attr.str },
  infer: () => tensor("resource", []),
});

export const readVariable = defineTfl("READ_VARIABLE", {
  summary: "What a variable holds. Types are given.",
  options: "ReadVariableOptions",
  operands: { resource },
  traits: { effects: true },
});

export const assignVariable = defineTfl("ASSIGN_VARIABLE", {
  summary: "Makes a variable hold another tensor.",
  options: "AssignVariableOptions",
  operands: { resource, value: operand.tensor },
  traits: { effects: true },
  infer: () => [],
});

export const callOnce = defineTfl("CALL_ONCE", {
  summary: "Runs a graph without inputs and outputs the first time only.",
  options: "CallOnceOptions",
  operands: {},
  attrs: { init_subgraph_index: attr.graph },
  traits: { effects: true },
  infer: () => [],
});
