/** A file that is often mistaken for a `.pt2`: what it is, and how a `.pt2` comes of it. */
export interface Lookalike {
  readonly what: string;
  readonly help: string;
}

const exportHelp =
  "load the model in Python, run torch.export.export(model.eval(), example_inputs), and save the result with torch.export.save";

const ascii = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, Math.min(to, bytes.length)));

const starts = (bytes: Uint8Array, ...magic: readonly number[]): boolean => magic.every((b, i) => bytes[i] === b);

/** What a file that is no zip looks like, judged by its first bytes. */
export function identifyBytes(head: Uint8Array, size: number): Lookalike {
  if (size === 0) return { what: "it is empty", help: "export or copy the file again" };
  const text = ascii(head, 0, 200);
  if (head.every((b) => b === 0))
    return { what: "it begins with zeros only, as an interrupted download leaves it", help: "copy the file again" };
  if (text.startsWith("version https://git-lfs"))
    return { what: "it is a Git LFS pointer, not the file itself", help: "fetch the file with `git lfs pull`" };
  if (/^\s*(<!doctype html|<html)/i.test(text))
    return { what: "it is a web page", help: "download the file itself, not the page that links to it" };
  if (starts(head, 0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9))
    return {
      what: "it is a checkpoint of torch.save in the format before torch 1.6: weights without a program",
      help: exportHelp,
    };
  if (starts(head, 0x80) && head[1]! <= 5) return { what: "it is a Python pickle", help: exportHelp };
  if (size >= 10 && head[8] === 0x7b && new DataView(head.buffer, head.byteOffset).getUint32(4, true) === 0)
    return { what: "it is a .safetensors file: weights without a program", help: exportHelp };
  if (ascii(head, 4, 8) === "TFL3")
    return {
      what: "it is a .tflite file",
      help: "it needs no conversion; `tflower quantize` and `tflower inspect` take .tflite files",
    };
  if (/^ET\d\d$/.test(ascii(head, 4, 8)))
    return {
      what: "it is an ExecuTorch program (.pte), already lowered",
      help: "save the program before to_edge, with torch.export.save",
    };
  if (text.startsWith("GGUF")) return { what: "it is a GGUF file: weights without a program", help: exportHelp };
  if (starts(head, 0x89, 0x48, 0x44, 0x46)) return { what: "it is an HDF5 file (Keras weights)", help: exportHelp };
  if (starts(head, 0x1f, 0x8b)) return { what: "it is compressed with gzip", help: "decompress it first" };
  if (starts(head, 0x28, 0xb5, 0x2f, 0xfd)) return { what: "it is compressed with zstd", help: "decompress it first" };
  if (starts(head, 0xfd, 0x37, 0x7a, 0x58)) return { what: "it is compressed with xz", help: "decompress it first" };
  if (starts(head, 0x37, 0x7a, 0xbc, 0xaf)) return { what: "it is a 7z archive", help: "unpack it first" };
  if (ascii(head, 257, 262) === "ustar") return { what: "it is a tar archive", help: "unpack it first" };
  if (starts(head, 8) && /pytorch|onnx|producer/i.test(ascii(head, 0, 64)))
    return { what: "it looks like an ONNX model", help: exportHelp };
  if (/^\s*[{[]/.test(text)) return { what: "it looks like JSON text", help: exportHelp };
  const shown = Array.from(head.subarray(0, 8), (b) => b.toString(16).padStart(2, "0")).join(" ");
  return { what: `its first bytes are ${shown}, which no format known to tflower begins with`, help: exportHelp };
}

/** What a zip without an exported program looks like, judged by its entries. */
export function identifyEntries(names: readonly string[]): Lookalike {
  const has = (pattern: RegExp): boolean => names.some((n) => pattern.test(n));
  if (names.length === 0) return { what: "it is a zip archive without entries", help: exportHelp };
  if (has(/(^|\/)data\/aotinductor\//))
    return {
      what: "it is a package of AOTInductor: machine code, not a graph",
      help: "save the exported program itself, with torch.export.save(program, path)",
    };
  if (has(/(^|\/)constants\.pkl$/) || has(/(^|\/)code\/.*\.py$/))
    return { what: "it is a TorchScript archive (torch.jit.save)", help: exportHelp };
  if (has(/(^|\/)data\.pkl$/))
    return { what: "it is a checkpoint of torch.save: weights without a program", help: exportHelp };
  if (has(/\.npy$/)) return { what: "it is a NumPy .npz file", help: exportHelp };
  if (has(/^config\.json$/) && has(/\.weights\.h5$/)) return { what: "it is a Keras model", help: exportHelp };
  if (has(/(^|\/)saved_model\.pb$/)) return { what: "it holds a TensorFlow SavedModel", help: exportHelp };
  const inner = names.find((n) => /\.pt2$/.test(n));
  if (inner !== undefined)
    return {
      what: `it is a zip archive around ${JSON.stringify(inner)}`,
      help: "unpack it, and give the .pt2 file inside",
    };
  const few = names.slice(0, 4).map((n) => JSON.stringify(n.slice(0, 100)));
  return { what: `it is a zip archive with ${few.join(", ")}${names.length > 4 ? ", ..." : ""}`, help: exportHelp };
}
