import { identifyEntries } from "./archive/identify.ts";
import type { ZipArchive } from "./archive/zip-archive.ts";
import type { ZipEntry } from "./archive/zip-directory.ts";
import { importError, quote } from "./import-error.ts";

/** A table of tensors: raw bytes listed by a JSON file, or, in older files, one file of `torch.save`. */
export type TensorTable =
  | {
      readonly kind: "config";
      readonly config: ZipEntry /** Where the tensors' entries lie. */;
      readonly folder: string;
    }
  | { readonly kind: "pickle"; readonly pickle: ZipEntry };

/** The entries of one model in an archive. */
export interface ModelFiles {
  readonly name: string;
  /** Folder that all entries lie in, with a slash at its end; empty when there is none. */
  readonly root: string;
  readonly program: ZipEntry;
  readonly weights: TensorTable;
  readonly constants: TensorTable;
  readonly sampleInputs: ZipEntry | undefined;
}

const again = "export the program again with torch.export.save";

/** Finds the model called `wanted`, or the only one. */
export function findModel(zip: ZipArchive, wanted: string | undefined): ModelFiles {
  const flat = zip.entries.get("serialized_exported_program.json");
  if (flat) return findFlat(zip, flat, wanted);
  const models = new Map<string, { root: string; program: ZipEntry }>();
  for (const entry of zip.entries.values()) {
    // the archive's folder is named after the file; a file that was zipped again may have none
    const m = /^((?:[^/]+\/)?)models\/(.+)\.json$/.exec(entry.name);
    if (m && m[1] !== "__MACOSX/") models.set(m[2]!, { root: m[1]!, program: entry });
  }
  if (models.size === 0) {
    const like = identifyEntries([...zip.entries.keys()]);
    throw importError(
      "IMP0001",
      zip.where,
      `expected a .pt2 archive with a program in models/; ${like.what}`,
      like.help,
    );
  }
  const names = [...models.keys()];
  const name = wanted ?? (names.length === 1 ? names[0]! : models.has("model") ? "model" : undefined);
  const listed = names.slice(0, 20).map(quote).join(", ");
  if (name === undefined)
    throw importError(
      "IMP0008",
      zip.where,
      `the archive holds ${names.length} models: ${listed}`,
      "say which one is meant",
    );
  const found = models.get(name);
  if (!found)
    throw importError(
      "IMP0008",
      zip.where,
      `the archive has no model ${quote(name)}; it holds ${listed}`,
      "name one of these",
    );
  const { root, program } = found;
  return {
    name,
    root,
    program,
    weights: findTable(zip, root, "weights", name),
    constants: findTable(zip, root, "constants", name),
    sampleInputs: zip.entries.get(`${root}data/sample_inputs/${name}.pt`),
  };
}

function findTable(zip: ZipArchive, root: string, table: "weights" | "constants", model: string): TensorTable {
  const folder = `${root}data/${table}/`;
  const pickle = zip.entries.get(`${folder}${model}.pt`);
  if (pickle) return { kind: "pickle", pickle };
  const config = zip.entries.get(`${folder}${model}_${table}_config.json`);
  if (config) return { kind: "config", config, folder };
  throw importError(
    "IMP0006",
    zip.where,
    `the archive has no ${folder}${model}_${table}_config.json, which lists the program's ${table}`,
    again,
  );
}

/** The layout of torch 2.7 and before: a few files, without a folder. */
function findFlat(zip: ZipArchive, program: ZipEntry, wanted: string | undefined): ModelFiles {
  if (wanted !== undefined && wanted !== "model")
    throw importError(
      "IMP0008",
      zip.where,
      `the archive has no model ${quote(wanted)}; it holds "model"`,
      "leave the name out",
    );
  const table = (name: string): TensorTable => {
    const pickle = zip.entries.get(`${name}.pt`) ?? zip.entries.get(`${name}.json`);
    if (!pickle)
      throw importError(
        "IMP0006",
        zip.where,
        `the archive has no ${name}.pt, which holds tensors of the program`,
        again,
      );
    return { kind: "pickle", pickle };
  };
  return {
    name: "model",
    root: "",
    program,
    weights: table("serialized_state_dict"),
    constants: table("serialized_constants"),
    sampleInputs: zip.entries.get("serialized_example_inputs.pt"),
  };
}
