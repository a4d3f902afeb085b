import { decodeArgument, decodeTensorName } from "./decode-argument.ts";
import { decodeSymBool, decodeSymFloat, decodeSymInt, decodeTensorMeta } from "./decode-values.ts";
import type {
  Argument,
  ConstantValue,
  ExportGraph,
  ExportNode,
  GraphSignature,
  InputSpec,
  NamedArgument,
  OutputSpec,
} from "./exported-program.ts";
import { asBoolean, asString, type Decode } from "./json-cursor.ts";

const argument: Decode<Argument> = (at, value) => decodeArgument(at, value, decodeGraph);

/** A list of arguments. */
export const decodeArguments: Decode<Argument[]> = (at, value) => at.list(value, argument);

const decodePassing: Decode<NamedArgument["passing"]> = (at, value) => {
  const code = at.size(value);
  if (code === 1) return "positional";
  if (code === 2) return "keyword";
  if (code === 0) return "unknown";
  throw at.unknown("way of passing an argument", String(code));
};

const decodeNamedArgument: Decode<NamedArgument> = (at, value) => {
  const object = at.object(value);
  return {
    name: at.get(object, "name", asString),
    arg: at.get(object, "arg", argument),
    passing: at.getOr(object, "kind", decodePassing, "unknown"),
  };
};

const decodeNamedArguments: Decode<NamedArgument[]> = (at, value) => at.list(value, decodeNamedArgument);

/** Text by key. */
export const decodeStringMap: Decode<Map<string, string>> = (at, value) => at.map(value, asString);

const decodeNode: Decode<ExportNode> = (at, value) => {
  const object = at.object(value);
  return {
    name: at.getOr(object, "name", asString, ""),
    target: at.get(object, "target", asString),
    inputs: at.get(object, "inputs", decodeNamedArguments),
    outputs: at.get(object, "outputs", decodeArguments),
    metadata: at.get(object, "metadata", decodeStringMap),
    isHopSingleTensorReturn: at.getOr(object, "is_hop_single_tensor_return", asBoolean, undefined),
  };
};

const decodeClassFqn: Decode<string> = (at, value) => at.get(at.object(value), "class_fqn", asString);

/** A graph with all graphs inside of it. */
export const decodeGraph: Decode<ExportGraph> = (at, value) => {
  const object = at.object(value);
  return {
    inputs: at.get(object, "inputs", decodeArguments),
    outputs: at.get(object, "outputs", decodeArguments),
    nodes: at.get(object, "nodes", (at, value) => at.list(value, decodeNode)),
    tensorValues: at.get(object, "tensor_values", (at, value) => at.map(value, decodeTensorMeta)),
    symIntValues: at.get(object, "sym_int_values", (at, value) => at.map(value, decodeSymInt)),
    symBoolValues: at.get(object, "sym_bool_values", (at, value) => at.map(value, decodeSymBool)),
    symFloatValues: at.getOr(object, "sym_float_values", (at, value) => at.map(value, decodeSymFloat), new Map()),
    customObjectValues: at.getOr(object, "custom_obj_values", (at, value) => at.map(value, decodeClassFqn), new Map()),
    isSingleTensorReturn: at.getOr(object, "is_single_tensor_return", asBoolean, false),
  };
};

const decodeConstant: Decode<ConstantValue> = (at, value) => {
  const arg = argument(at, value);
  if (arg.kind === "none" || arg.kind === "int" || arg.kind === "float" || arg.kind === "bool" || arg.kind === "string")
    return arg;
  throw at.mismatch("None, a number, a boolean or a string", value);
};

const decodeInputSpec: Decode<InputSpec> = (at, value) =>
  at.union(value, "an input spec", (at, tag, value) => {
    const object = at.object(value);
    const name = () => at.get(object, "arg", decodeTensorName);
    const fqn = (key: string) => at.get(object, key, asString);
    switch (tag) {
      case "user_input":
        return { kind: "userInput", arg: at.get(object, "arg", argument) };
      case "constant_input":
        return {
          kind: "constantInput",
          name: at.get(object, "name", asString),
          value: at.get(object, "value", decodeConstant),
        };
      case "parameter":
        return { kind: "parameter", name: name(), fqn: fqn("parameter_name") };
      case "buffer":
        // older minor versions had persistent buffers only
        return {
          kind: "buffer",
          name: name(),
          fqn: fqn("buffer_name"),
          persistent: at.getOr(object, "persistent", asBoolean, true),
        };
      case "tensor_constant":
        return { kind: "tensorConstant", name: name(), fqn: fqn("tensor_constant_name") };
      case "custom_obj":
        return {
          kind: "customObject",
          name: name(),
          fqn: fqn("custom_obj_name"),
          classFqn: at.get(object, "arg", decodeClassFqn),
        };
      case "token":
        return { kind: "token", name: name() };
      default:
        throw at.unknown("kind of graph input", tag);
    }
  });

const decodeOutputSpec: Decode<OutputSpec> = (at, value) =>
  at.union(value, "an output spec", (at, tag, value) => {
    const object = at.object(value);
    if (tag === "user_output") return { kind: "userOutput", arg: at.get(object, "arg", argument) };
    const name = at.get(object, "arg", decodeTensorName);
    const text = (key: string) => at.get(object, key, asString);
    switch (tag) {
      case "loss_output":
        return { kind: "lossOutput", name };
      case "buffer_mutation":
        return { kind: "bufferMutation", name, fqn: text("buffer_name") };
      case "parameter_mutation":
        return { kind: "parameterMutation", name, fqn: text("parameter_name") };
      case "user_input_mutation":
        return { kind: "userInputMutation", name, input: text("user_input_name") };
      case "gradient_to_parameter":
        return { kind: "gradientToParameter", name, fqn: text("parameter_name") };
      case "gradient_to_user_input":
        return { kind: "gradientToUserInput", name, input: text("user_input_name") };
      case "token":
        return { kind: "token", name };
      default:
        throw at.unknown("kind of graph output", tag);
    }
  });

/** What the graph's inputs and outputs mean. */
export const decodeSignature: Decode<GraphSignature> = (at, value) => {
  const object = at.object(value);
  return {
    inputs: at.get(object, "input_specs", (at, value) => at.list(value, decodeInputSpec)),
    outputs: at.get(object, "output_specs", (at, value) => at.list(value, decodeOutputSpec)),
  };
};
