import { importError, type Where } from "../import-error.ts";
import { decodeArguments, decodeGraph, decodeSignature, decodeStringMap } from "./decode-graph.ts";
import { decodeTensorMeta } from "./decode-values.ts";
import type { ExportedProgram, ModuleCall, PayloadMeta, RangeConstraint, SchemaVersion } from "./exported-program.ts";
import { asBoolean, asInt, asSize, asString, asStrings, type Decode, JsonCursor } from "./json-cursor.ts";

/** The schema this reader was written for. Minor versions only add members, so others of the same major are read too. */
export const schemaVersion: SchemaVersion = { major: 8, minor: 20 };

const decodeVersion: Decode<SchemaVersion> = (at, value) => {
  const object = at.object(value);
  const found = { major: at.get(object, "major", asSize), minor: at.get(object, "minor", asSize) };
  if (found.major === schemaVersion.major) return found;
  throw importError(
    "IMP0012",
    at.where,
    `the program has version ${found.major}.${found.minor} of the export schema; version ${schemaVersion.major}.x is read`,
    found.major > schemaVersion.major
      ? "update tflower, or export the program with torch 2.13"
      : "load the program in the torch it was exported with, and export it again with torch 2.13",
  );
};

const decodeModuleCall: Decode<ModuleCall> = (at, value) => {
  const object = at.object(value);
  return {
    fqn: at.get(object, "fqn", asString),
    signature: at.getOr(
      object,
      "signature",
      (at, value) => {
        const signature = at.object(value);
        return {
          inputs: at.get(signature, "inputs", decodeArguments),
          outputs: at.get(signature, "outputs", decodeArguments),
          inSpec: at.get(signature, "in_spec", asString),
          outSpec: at.get(signature, "out_spec", asString),
          forwardArgNames: at.getOr(signature, "forward_arg_names", asStrings, undefined),
        };
      },
      undefined,
    ),
  };
};

const decodeRange: Decode<RangeConstraint> = (at, value) => {
  const object = at.object(value);
  return {
    min: at.getOr(object, "min_val", decodeBound, undefined),
    max: at.getOr(object, "max_val", decodeBound, undefined),
  };
};

/** Older exporters write infinite bounds as words. */
const decodeBound: Decode<number | bigint | undefined> = (at, value) =>
  typeof value === "string" && value.endsWith("Infinity") ? undefined : asInt(at, value);

const decodeFieldNames: Decode<string[]> = (at, value) => at.get(at.object(value), "field_names", asStrings);

/** Decodes the parsed `model.json` that `where` names. */
export function decodeProgram(json: unknown, where: Where): ExportedProgram {
  const at = new JsonCursor(where);
  const root = at.object(json);
  // a file of another version fails here, before members it does not have are missed
  const version = at.get(root, "schema_version", decodeVersion);
  const graphModule = at.get(root, "graph_module", (at, value) => {
    const object = at.object(value);
    const graph = at.get(object, "graph", decodeGraph);
    const signature = at.get(object, "signature", decodeSignature);
    for (const side of ["inputs", "outputs"] as const)
      if (graph[side].length !== signature[side].length)
        throw at.mismatch(`as many ${side} in the signature as the graph has, ${graph[side].length}`, signature[side]);
    return {
      graph,
      signature,
      moduleCalls: at.get(object, "module_call_graph", (at, value) => at.list(value, decodeModuleCall)),
      metadata: at.getOr(object, "metadata", decodeStringMap, new Map<string, string>()),
      namedTupleFields: at.getOr(
        object,
        "treespec_namedtuple_fields",
        (at, value) => at.map(value, decodeFieldNames),
        new Map(),
      ),
    };
  });
  return {
    ...graphModule,
    opsetVersion: at.get(root, "opset_version", (at, value) => at.map(value, asSize)),
    rangeConstraints: at.get(root, "range_constraints", (at, value) => at.map(value, decodeRange)),
    schemaVersion: version,
    verifiers: at.getOr(root, "verifiers", asStrings, []),
    torchVersion: at.getOr(root, "torch_version", asString, "<=2.4"),
    guardsCode: at.getOr(root, "guards_code", asStrings, []),
  };
}

const decodePayload: Decode<PayloadMeta> = (at, value) => {
  const object = at.object(value);
  return {
    pathName: at.get(object, "path_name", asString),
    isParam: at.get(object, "is_param", asBoolean),
    usePickle: at.getOr(object, "use_pickle", asBoolean, false),
    tensorMeta: at.getOr(object, "tensor_meta", decodeTensorMeta, undefined),
  };
};

/** Decodes a parsed `NAME_weights_config.json` or `NAME_constants_config.json`. */
export function decodePayloads(json: unknown, where: Where): Map<string, PayloadMeta> {
  const at = new JsonCursor(where);
  return at.get(at.object(json), "config", (at, value) => at.map(value, decodePayload));
}
