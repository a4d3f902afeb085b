/**
 * Reads `.pt2` archives, and imports them into the aten dialect.
 *
 * @module @tflower/frontend-pt2
 */

export { type ImportCode, importCodes } from "./import/import-codes.ts";
export { type ImportOptions, importProgram } from "./import/import-program.ts";
export { type ReadCode, readCodes } from "./import-error.ts";
export type {
  NamedTensor,
  Pt2Program,
  ReadPt2Options,
  SampleValue,
  TensorData,
  TensorStorage,
  TensorSubclass,
} from "./program.ts";
export { readPt2, readStorage } from "./read-pt2.ts";
export type {
  Argument,
  ConstantValue,
  Device,
  ExportedProgram,
  ExportGraph,
  ExportNode,
  GraphSignature,
  InputSpec,
  Int,
  ModuleCall,
  NamedArgument,
  OutputSpec,
  RangeConstraint,
  SchemaVersion,
  SymExpr,
  SymSize,
  TensorMeta,
} from "./schema/exported-program.ts";
export { type ModuleFrame, parseModuleStack, parseStackTrace } from "./schema/locations.ts";
export { type Layout, type MemoryFormat, type Pt2DType, scalarBytes, torchName } from "./schema/scalar-type.ts";
export type { SymFixed, SymNode, SymVariadic } from "./schema/sym-expr.ts";
export { leafPaths, parseTreeSpec, type TreeSpec } from "./schema/tree-spec.ts";
