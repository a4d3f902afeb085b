import { nodeMark, type SentGraph } from "../protocol.ts";
import { encodeOp, encodeTensor } from "./encode-op.ts";
import type { QnnLibrary } from "./qnn-library.ts";

/** The error code of each node: 0 where QNN takes it. */
export function validateNodes(q: QnnLibrary, graphs: readonly SentGraph[]): readonly (readonly number[])[] {
  const validate = q.koffi.decode(
    q.pointer("backendValidateOpConfig"),
    q.koffi.proto("uint64", [q.koffi.pointer("void"), q.types.op]),
  ) as (backend: unknown, op: unknown) => number;
  // what static tensors hold does not matter here, but that they hold something does
  const longest = Math.max(16, ...graphs.flatMap((g) => g.tensors.map((t) => t.bytes?.length ?? 0)));
  const zeros = q.koffi.alloc("uint8", longest);
  return graphs.map((g, i) => {
    const structs = g.tensors.map((t) => encodeTensor(q, t, t.bytes && { pointer: zeros, size: t.bytes.length }));
    const codes = g.nodes.map((node, k) => {
      q.mark(nodeMark(i, k));
      return (
        Number(
          validate(
            q.backend,
            encodeOp(q, node, structs, () => {}),
          ),
        ) & 0xffff
      );
    });
    q.release();
    return codes;
  });
}
