// node bench/large/make-decoder.mjs OUT.pt2 --gigabytes 4 --dtype f16: a `.pt2` of that size, written directly, without torch.
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { decoderProgram } from "./decoder-program.mjs";
import { StreamZip } from "./stream-zip.mjs";
import { weightChunks } from "./weights.mjs";

/** A decoder of about so many bytes, with an embedding of 1 GB. */
export function decoderOf(gigabytes, dtype) {
  const element = dtype === "f16" ? 2 : 4;
  const [width, hidden, heads, tokens] = [4096, 11008, 32, 16];
  const vocabulary = 2 ** 28 / width / (element / 4);
  const layer = (4 * width * width + 3 * width * hidden + 2 * width) * element;
  const layers = Math.max(1, Math.ceil((gigabytes * 1e9 - vocabulary * width * element) / layer));
  return { layers, dtype, vocabulary, width, hidden, heads, tokens };
}

/** Writes the archive. */
export function makeDecoder(path, shape) {
  const root = basename(path).replace(/\.pt2$/, "");
  const { model, weights, weightsConfig, constantsConfig } = decoderProgram(shape);
  const zip = new StreamZip(path);
  for (const w of weights) zip.add(`${root}/data/weights/${w.path}`, () => weightChunks(w.fqn, w.bytes, shape.dtype));
  zip.text(`${root}/data/weights/model_weights_config.json`, JSON.stringify(weightsConfig));
  zip.text(`${root}/data/constants/model_constants_config.json`, JSON.stringify(constantsConfig));
  zip.text(`${root}/models/model.json`, JSON.stringify(model));
  for (const [name, text] of [
    ["archive_format", "pt2"],
    ["archive_version", "0"],
    [".data/version", "6\n"],
    ["byteorder", "little"],
  ])
    zip.text(`${root}/${name}`, text);
  zip.close();
  return weights;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { gigabytes: { type: "string", default: "4" }, dtype: { type: "string", default: "f32" } },
  });
  if (positionals.length !== 1 || !["f16", "f32"].includes(values.dtype) || !(Number(values.gigabytes) > 0)) {
    console.error("usage: node make-decoder.mjs OUT.pt2 [--gigabytes 4] [--dtype f16|f32]");
    process.exit(2);
  }
  makeDecoder(positionals[0], decoderOf(Number(values.gigabytes), values.dtype));
}
