import { crc32 } from "node:zlib";
import { memorySource } from "@tflower/core";
import { readPt2 } from "@tflower/frontend-pt2";

/** Entries of a stored zip archive, as make_programs.py writes it. */
function* entries(zip: Uint8Array): Generator<{ readonly name: string; readonly data: Uint8Array }> {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  for (let at = 0; view.getUint32(at, true) === 0x04034b50; ) {
    const size = view.getUint32(at + 18, true);
    const [nameLength, extra] = [view.getUint16(at + 26, true), view.getUint16(at + 28, true)];
    const from = at + 30 + nameLength + extra;
    yield { name: new TextDecoder().decode(zip.subarray(at + 30, at + 30 + nameLength)), data: zip.subarray(from, from + size) };
    at = from + size;
  }
}

/** The archive of one of its programs alone, which is what the command line takes. */
export async function singleProgram(archive: Uint8Array, name: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const e of entries(archive)) {
    const [root, ...rest] = e.name.split("/");
    const path = rest.join("/");
    // models/NAME.json, data/weights/NAME_weights_config.json, ...
    const owner = /^(?:models|data\/\w+)\/(.+?)(?:_(?:weights|constants)_config)?\.json$/.exec(path)?.[1];
    if (owner !== undefined && owner !== name) continue;
    const bytes = new TextEncoder().encode(`${root}/${owner === undefined ? path : path.replace(name, "model")}`);
    const fields = (length: number): DataView<ArrayBuffer> => new DataView(new ArrayBuffer(length));
    const [local, central] = [fields(30), fields(46)];
    local.setUint32(0, 0x04034b50, true);
    central.setUint32(0, 0x02014b50, true);
    for (const [v, o] of [[local, 0], [central, 2]] as const) {
      v.setUint32(14 + o, crc32(e.data), true);
      v.setUint32(18 + o, e.data.length, true);
      v.setUint32(22 + o, e.data.length, true);
      v.setUint16(26 + o, bytes.length, true);
    }
    central.setUint32(42, at, true);
    parts.push(new Uint8Array(local.buffer), bytes, e.data);
    directory.push(new Uint8Array(central.buffer), bytes);
    at += 30 + bytes.length + e.data.length;
  }
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, directory.length / 2, true);
  end.setUint16(10, directory.length / 2, true);
  end.setUint32(12, directory.reduce((n, d) => n + d.length, 0), true);
  end.setUint32(16, at, true);
  const out = Buffer.concat([...parts, ...directory, new Uint8Array(end.buffer)]);
  await readPt2(memorySource("model.pt2", out));
  return out;
}
