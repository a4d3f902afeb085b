import { type Constant, constantByteLength, constantRows, decode, loadConstant, type TensorData } from "@tflower/core";

/** Elements are looked at in pieces of so many bytes, where they can be. */
const pieceBytes = 8 * 1024 * 1024;

/** Shows the rows of a constant, in order, in pieces whose memory is used again for the next: the first row of the piece and its elements. */
export async function eachRows(c: Constant, show: (from: number, rows: TensorData) => void): Promise<void> {
  const rows = c.type.shape[0];
  const total = constantByteLength(c);
  if (typeof rows === "number" && rows > 1 && total > pieceBytes) {
    const step = Math.max(1, Math.floor((rows * pieceBytes) / total));
    if (constantRows(c, 0, step)) {
      const scratch = new Uint8Array(Math.ceil((step * total) / rows));
      for (let at = 0; at < rows; at += step)
        show(at, await loadInto(scratch, constantRows(c, at, Math.min(step, rows - at))!));
      return;
    }
  }
  show(0, await loadConstant(c));
}

/** The elements; those that lie in a file are read into `scratch`, for what is left of gigabytes is not collected in time. */
async function loadInto(scratch: Uint8Array<ArrayBuffer>, c: Constant): Promise<TensorData> {
  if (c.kind !== "leaf" || c.strides || c.storageOffset || c.length > scratch.byteLength) return loadConstant(c);
  return decode(c.type, await c.source.read(c.offset, c.length, scratch));
}
