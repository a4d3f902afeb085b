import { open } from "node:fs/promises";
import { constantChunks, loadConstant } from "@tflower/core";
import type { QnnGraph } from "../graph/qnn-graph.ts";
import type { SentGraph } from "./protocol.ts";
import { sentGraph } from "./send-graph.ts";

/** Writes the static tensors of all graphs to one file, equal ones once, and gives the graphs with their places in it. */
export async function writeWeights(graphs: readonly QnnGraph[], path: string): Promise<readonly SentGraph[]> {
  const file = await open(path, "w");
  const places = new Map<string, { readonly offset: number; readonly length: number }>();
  let at = 0;
  try {
    const sent: SentGraph[] = [];
    for (const g of graphs) {
      for (const t of g.tensors) {
        if (!t.data || places.has(t.data.key)) continue;
        const from = at;
        if (t.encoding?.bitwidth === 4) {
          // unpacked: one element a byte
          const { data } = await loadConstant(t.data);
          const bytes = Uint8Array.from(data as Int8Array);
          await file.write(bytes, 0, bytes.length, at);
          at += bytes.length;
        } else
          for await (const chunk of constantChunks(t.data)) {
            await file.write(chunk, 0, chunk.length, at);
            at += chunk.length;
          }
        places.set(t.data.key, { offset: from, length: at - from });
      }
      sent.push(sentGraph(g, (id) => places.get(g.tensors[id]!.data!.key)!));
    }
    return sent;
  } finally {
    await file.close();
  }
}
