import { mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { QnnGraph } from "../graph/qnn-graph.ts";
import { modelNet, weightBytes } from "../model-net.ts";

/** Writes `NAME_net.json` and `NAME.bin` for each graph into a folder. */
export async function writeModelNets(graphs: readonly QnnGraph[], folder: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (const g of graphs) {
    const path = join(folder, `${g.name}_net.json`);
    await writeFile(path, JSON.stringify(modelNet(g, `${g.name}.bin`), undefined, 1));
    const file = await open(join(folder, `${g.name}.bin`), "w");
    try {
      for await (const bytes of weightBytes(g)) await file.write(bytes);
    } finally {
      await file.close();
    }
    paths.push(path);
  }
  return paths;
}
