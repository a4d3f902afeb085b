import type { Metadata } from "./tflite-file.ts";

/** A module's own facts; the file has them as they are. */
const own = "tflower.";
/** Metadata of a file that was read, kept for the next one: bytes in base64. */
const foreign = "tflite.";
/** What the writer says anew of each file. */
const ofTheWriter: ReadonlySet<string> = new Set(["min_runtime_version", "buffer_location"]);

/** A file's metadata as entries of a module's. */
export function keptMetadata(metadata: readonly Metadata[]): [string, string][] {
  return metadata
    .filter((m) => !ofTheWriter.has(m.name))
    .map(({ name, bytes }) =>
      name.startsWith(own)
        ? [name, new TextDecoder().decode(bytes)]
        : [foreign + name, btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""))],
    );
}

/** The entries of a module's metadata that belong into a file. */
export function fileMetadata(entries: Iterable<readonly [string, string]>): Metadata[] {
  return [...entries].flatMap(([name, text]) => {
    if (name.startsWith(own)) return [{ name, bytes: new TextEncoder().encode(text) }];
    return name.startsWith(foreign)
      ? [{ name: name.slice(foreign.length), bytes: Uint8Array.from(atob(text), (c) => c.charCodeAt(0)) }]
      : [];
  });
}
