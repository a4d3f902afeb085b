import type * as Koffi from "koffi";

/** The structures of QNN's C interface, in the sizes and order that its API 2.x has. */
export interface QnnTypes {
  readonly tensor: Koffi.TypeObject;
  readonly parameter: Koffi.TypeObject;
  readonly op: Koffi.TypeObject;
  readonly provider: Koffi.TypeObject;
}

/** Functions of the interface, in the order of its table. */
const functions = [
  "propertyHasCapability",
  "backendCreate",
  "backendSetConfig",
  "backendGetApiVersion",
  "backendGetBuildId",
  "backendRegisterOpPackage",
  "backendGetSupportedOperations",
  "backendValidateOpConfig",
  "backendFree",
  "contextCreate",
  "contextSetConfig",
  "contextGetBinarySize",
  "contextGetBinary",
  "contextCreateFromBinary",
  "contextFree",
  "graphCreate",
  "graphCreateSubgraph",
  "graphSetConfig",
  "graphAddNode",
  "graphFinalize",
  "graphRetrieve",
  "graphExecute",
  "graphExecuteAsync",
  "tensorCreateContextTensor",
  "tensorCreateGraphTensor",
  "logCreate",
  "logSetLogLevel",
  "logFree",
  "profileCreate",
  "profileSetConfig",
  "profileGetEvents",
  "profileGetSubEvents",
  "profileGetEventData",
  "profileGetExtendedEventData",
  "profileFree",
  "memRegister",
  "memDeRegister",
  "deviceGetPlatformInfo",
  "deviceFreePlatformInfo",
  "deviceGetInfrastructure",
  "deviceCreate",
  "deviceSetConfig",
  "deviceGetInfo",
  "deviceFree",
] as const;
/** Name of a function of QNN's interface. */
export type QnnFunction = (typeof functions)[number];
/** Place of a function in the table. */
export const functionIndex = (name: QnnFunction): number => functions.indexOf(name);
/** Pointers that a provider's table has room for. */
const tableSize = 64;

/** A value that is not set, in enumerations and definitions. */
export const undefinedCode = 0x7fffffff;

/** Declares the structures. */
export function declareTypes(koffi: typeof Koffi): QnnTypes {
  const scaleOffset = koffi.struct({ scale: "float", offset: "int32" });
  const axis = koffi.struct({ axis: "int32", count: "uint32", pairs: "void*" });
  const bitwidth = koffi.struct({ bitwidth: "uint32", scale: "float", offset: "int32" });
  const bitwidthAxis = koffi.struct({
    bitwidth: "uint32",
    axis: "int32",
    count: "uint32",
    scales: "void*",
    offsets: "void*",
  });
  const encoding = koffi.union({ scaleOffset, axis, bitwidth, bitwidthAxis });
  const quantization = koffi.struct({ definition: "uint32", kind: "uint32", encoding });
  const buffer = koffi.struct({ data: "void*", size: "uint32" });
  const tensorV2 = koffi.struct({
    id: "uint32",
    name: "str",
    type: "uint32",
    format: "uint32",
    dataType: "uint32",
    quantization,
    rank: "uint32",
    dims: "void*",
    memory: "uint32",
    buffer,
    dynamic: "void*",
    sparse: "uint32",
    sparseA: "uint32",
    sparseB: "uint32",
    produced: "uint8",
  });
  const tensor = koffi.struct({ version: "uint32", v2: tensorV2 });
  const scalar = koffi.struct({ dataType: "uint32", value: "uint64" });
  const parameter = koffi.struct({ kind: "uint32", name: "str", value: koffi.union({ scalar, tensor }) });
  const op = koffi.struct({
    version: "uint32",
    name: "str",
    package: "str",
    type: "str",
    parameterCount: "uint32",
    parameters: "void*",
    inputCount: "uint32",
    inputs: "void*",
    outputCount: "uint32",
    outputs: "void*",
  });
  const provider = koffi.struct({
    id: "uint32",
    name: "str",
    version: koffi.array("uint32", 6),
    functions: koffi.array("void*", tableSize),
  });
  return { tensor, parameter, op, provider };
}
