import { type ByteSource, CompileError, type Diagnostic } from "@tflower/core";
import { openZip, type ZipArchive } from "./archive/zip-archive.ts";
import { findModel, type ModelFiles } from "./find-model.ts";
import { importError, quote, type Where, within } from "./import-error.ts";
import { checkByteOrder, openTorchSave } from "./pickle/torch-save.ts";
import type { Pt2Program, ReadPt2Options, SampleValue, TensorStorage } from "./program.ts";
import { readTable, type Tensors } from "./read-tensors.ts";
import { flattenSamples } from "./sample-inputs.ts";
import { decodeProgram, schemaVersion } from "./schema/decode-program.ts";
import type { ExportedProgram } from "./schema/exported-program.ts";
import { interfaceNames } from "./schema/interface-names.ts";
import { parseJson } from "./schema/parse-json.ts";
import type { TreeSpec } from "./schema/tree-spec.ts";

/**
 * Reads a `.pt2` file: its program, decoded and checked, and descriptions of its tensors, whose bytes stay in the file.
 * Rejects with a {@link CompileError} that names the file, the part of it, and what to do.
 *
 * @example
 * const program = await readPt2(memorySource("model.pt2", bytes));
 * program.inputNames; // ["x"]
 */
export async function readPt2(source: ByteSource, options: ReadPt2Options = {}): Promise<Pt2Program> {
  const zip = await openZip(source, { file: source.name });
  const files = findModel(zip, options.model);
  await checkFormat(zip, files);
  const where = within(zip.where, files.program.name);
  const program = decodeProgram(parseJson(await zip.readBytes(files.program), where), where);
  const found: Tensors = { tensors: new Map(), subclasses: new Map(), customObjects: new Map() };
  await readTable(zip, "weights", files.weights, found);
  await readTable(zip, "constants", files.constants, found);
  checkComplete(program, found, where);
  const { inputNames, outputNames, inSpec } = interfaceNames(program);
  const warnings: string[] = [];
  if (program.schemaVersion.minor > schemaVersion.minor)
    warnings.push(
      `${source.name} was written with version ${program.schemaVersion.major}.${program.schemaVersion.minor} of the export schema, newer than the ${schemaVersion.major}.${schemaVersion.minor} that tflower knows: members it does not know were skipped`,
    );
  return {
    ...program,
    file: source.name,
    model: files.name,
    tensors: found.tensors,
    subclasses: found.subclasses,
    customObjects: found.customObjects,
    inputNames,
    outputNames,
    warnings,
    sampleInputs: () => readSamples(zip, files, inSpec),
  };
}

/** Reads all bytes of a storage; its source checks them. */
export const readStorage = (storage: TensorStorage): Promise<Uint8Array> =>
  storage.source.read(storage.offset, storage.length);

async function checkFormat(zip: ZipArchive, files: ModelFiles): Promise<void> {
  await checkByteOrder(zip, `${files.root}byteorder`);
  const expected: readonly (readonly [string, string])[] = [
    ["archive_format", "pt2"],
    ["archive_version", "0"],
  ];
  for (const [name, value] of expected) {
    const entry = zip.entries.get(`${files.root}${name}`);
    if (!entry) continue;
    const found =
      entry.size > 256 ? `${entry.size} bytes` : new TextDecoder().decode(await zip.readBytes(entry)).trim();
    if (found !== value)
      throw importError(
        "IMP0009",
        within(zip.where, entry.name),
        `expected ${quote(value)}, got ${quote(found)}`,
        "update tflower, or export the program with torch 2.13",
      );
  }
}

/** Every parameter, buffer and constant of the signature must have its tensor. */
function checkComplete(program: ExportedProgram, found: Tensors, where: Where): void {
  const problems: Diagnostic[] = [];
  for (const spec of program.signature.inputs) {
    if (spec.kind !== "parameter" && spec.kind !== "buffer" && spec.kind !== "tensorConstant") continue;
    if (found.tensors.has(spec.fqn) || found.subclasses.has(spec.fqn)) continue;
    const what = spec.kind === "tensorConstant" ? "constant" : spec.kind;
    problems.push(
      ...importError(
        "IMP0018",
        where,
        `the program has a ${what} ${quote(spec.fqn)}, but the archive has no tensor of this name`,
        "export or copy the file again",
      ).diagnostics,
    );
  }
  if (problems.length > 0) throw new CompileError(problems);
}

async function readSamples(
  zip: ZipArchive,
  files: ModelFiles,
  spec: TreeSpec | undefined,
): Promise<readonly SampleValue[] | undefined> {
  const entry = files.sampleInputs;
  // a program exported without sample inputs has an empty entry
  if (!entry || entry.size === 0) return undefined;
  const where = within(zip.where, entry.name);
  const saved = await openTorchSave(zip.openSource(entry), where);
  if (saved.value === null) return undefined;
  return flattenSamples(saved, spec, where);
}
