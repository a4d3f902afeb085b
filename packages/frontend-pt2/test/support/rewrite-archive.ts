import { memorySource } from "@tflower/core";
import { openZip } from "../../src/archive/zip-archive.ts";
import { fixtureBytes } from "./fixture.ts";
import { type EntryToWrite, writeZip, type ZipOptions } from "./zip-writer.ts";

/** Writes a fixture again with some entries changed, added (at the end) or, with undefined, left out. */
export async function rewriteArchive(
  name: string,
  change: (entryName: string, data: Uint8Array) => EntryToWrite | Uint8Array | string | undefined,
  add: readonly EntryToWrite[] = [],
  options: ZipOptions = {},
): Promise<Uint8Array> {
  const zip = await openZip(memorySource(name, fixtureBytes(name)), { file: name });
  const entries: EntryToWrite[] = [];
  for (const entry of zip.entries.values()) {
    const to = change(entry.name, await zip.readBytes(entry));
    if (to === undefined) continue;
    entries.push(typeof to === "string" || to instanceof Uint8Array ? { name: entry.name, data: to } : to);
  }
  return writeZip([...entries, ...add], options);
}

/** Writes a fixture again with its model.json edited. */
export const editProgram = (name: string, edit: (json: any) => unknown): Promise<Uint8Array> =>
  rewriteArchive(name, (entry, data) =>
    isProgram(entry) ? JSON.stringify(edit(JSON.parse(new TextDecoder().decode(data)))) : data,
  );

export const isProgram = (entry: string): boolean =>
  /models\/.*\.json$/.test(entry) || entry === "serialized_exported_program.json";
