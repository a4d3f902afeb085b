import { CompileError, type Diagnostic } from "@tflower/core";
import type { ZipArchive } from "./archive/zip-archive.ts";
import type { TensorTable } from "./find-model.ts";
import { importError, quote, type Where, within } from "./import-error.ts";
import { isKind, type PickleValue, pythonType } from "./pickle/pickle-value.ts";
import { openTorchSave, type TorchSave } from "./pickle/torch-save.ts";
import type { NamedTensor, TensorData, TensorStorage, TensorSubclass } from "./program.ts";
import { decodePayloads } from "./schema/decode-program.ts";
import type { PayloadMeta, SymSize } from "./schema/exported-program.ts";
import { parseJson } from "./schema/parse-json.ts";
import { checkGeometry } from "./tensor-geometry.ts";

/** What the tables of an archive hold. */
export interface Tensors {
  readonly tensors: Map<string, NamedTensor>;
  readonly subclasses: Map<string, TensorSubclass>;
  readonly customObjects: Map<string, string>;
}

/** Reads one table into `into`. Every tensor that cannot be described is told, not the first one only. */
export async function readTable(
  zip: ZipArchive,
  name: NamedTensor["table"],
  table: TensorTable,
  into: Tensors,
): Promise<void> {
  const problems: Diagnostic[] = [];
  const gather = async (fqn: string, describe: () => Promise<void> | void): Promise<void> => {
    try {
      // no program has been seen to do this, and it would be a guess which one is meant
      if (into.tensors.has(fqn) || into.subclasses.has(fqn) || into.customObjects.has(fqn))
        throw importError(
          "IMP0003",
          zip.where,
          `the archive's tables list ${quote(fqn)} twice`,
          "export the program again; torch.export.save does not write such a file",
        );
      await describe();
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      problems.push(...error.diagnostics);
    }
  };
  if (table.kind === "config") await readConfig(zip, name, table, into, gather);
  else await readPickle(zip, name, table, into, gather);
  if (problems.length > 0) throw new CompileError(problems);
}

type Gather = (fqn: string, describe: () => Promise<void> | void) => Promise<void>;

async function readConfig(
  zip: ZipArchive,
  name: NamedTensor["table"],
  { config, folder }: Extract<TensorTable, { kind: "config" }>,
  into: Tensors,
  gather: Gather,
): Promise<void> {
  const where = within(zip.where, config.name);
  const payloads = decodePayloads(parseJson(await zip.readBytes(config), where), where);
  const storages = new Map<string, TensorStorage>();
  for (const [fqn, payload] of payloads)
    await gather(fqn, async () => {
      const at = within(zip.where, `${folder}${payload.pathName} (${fqn})`);
      const entry = zip.entries.get(`${folder}${payload.pathName}`);
      if (!entry)
        throw importError(
          "IMP0006",
          at,
          "the archive has no such entry, though a tensor of the program should lie there",
          "export or copy the file again",
        );
      if (!payload.tensorMeta) {
        into.customObjects.set(fqn, payload.pathName);
        return;
      }
      if (payload.usePickle) {
        const saved = await openTorchSave(zip.openSource(entry), within(zip.where, entry.name));
        if (!place(saved, saved.value, { fqn, isParam: payload.isParam, table: name }, into, at))
          throw importError(
            "IMP0015",
            at,
            `expected one tensor, got ${quote(pythonType(saved.value))}`,
            "export the program again",
          );
        return;
      }
      let storage = storages.get(entry.name);
      if (!storage) {
        const source = zip.openSource(entry);
        storage = { id: entry.name, source, offset: 0, length: entry.size, crc32: entry.crc32 };
        storages.set(entry.name, storage);
      }
      into.tensors.set(fqn, { fqn, isParam: payload.isParam, table: name, ...raw(payload.tensorMeta, storage, at) });
    });
}

function raw(meta: NonNullable<PayloadMeta["tensorMeta"]>, storage: TensorStorage, at: Where): TensorData {
  if (meta.layout !== "strided")
    throw importError(
      "IMP0019",
      at,
      `the tensor has the layout ${meta.layout}; only strided ones are read`,
      "call to_dense() on it before the export",
    );
  const known = (size: SymSize): number => {
    if (typeof size === "number") return size;
    throw importError(
      "IMP0017",
      at,
      `expected known sizes, got the expression ${quote(size.text)}`,
      "export the program again",
    );
  };
  const tensor = {
    dtype: meta.dtype,
    sizes: meta.sizes.map(known),
    strides: meta.strides.map(known),
    storageOffset: known(meta.storageOffset),
    storage,
  };
  checkGeometry(tensor, storage.length, at);
  return tensor;
}

async function readPickle(
  zip: ZipArchive,
  name: NamedTensor["table"],
  { pickle }: Extract<TensorTable, { kind: "pickle" }>,
  into: Tensors,
  gather: Gather,
): Promise<void> {
  const where = within(zip.where, pickle.name);
  // an empty table is written as an empty entry
  if (pickle.size === 0) return;
  const saved = await openTorchSave(zip.openSource(pickle), where);
  const { value } = saved;
  if (!isKind(value, "dict"))
    throw importError(
      "IMP0015",
      where,
      `expected a dict of tensors, got ${quote(pythonType(value))}`,
      "export the program again",
    );
  for (const [key, tensor] of value.entries) {
    if (typeof key !== "string")
      throw importError(
        "IMP0015",
        where,
        `expected names as keys, got ${quote(pythonType(key))}`,
        "export the program again",
      );
    await gather(key, () => {
      const isParam = isKind(tensor, "tensor") && tensor.isParam;
      if (!place(saved, tensor, { fqn: key, isParam, table: name }, into, within(where, key)))
        into.customObjects.set(key, pythonType(tensor));
    });
  }
}

/** Describes `value` and files it under its name, if it is a tensor of any kind. */
function place(
  saved: TorchSave,
  value: PickleValue,
  named: Pick<NamedTensor, "fqn" | "isParam" | "table">,
  into: Tensors,
  at: Where,
): boolean {
  if (isKind(value, "tensor")) into.tensors.set(named.fqn, { ...named, ...saved.describe(value, at) });
  else if (isKind(value, "subclass")) into.subclasses.set(named.fqn, saved.describeSubclass(value, at));
  else return false;
  return true;
}
