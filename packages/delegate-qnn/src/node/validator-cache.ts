import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { QnnGraph } from "../graph/qnn-graph.ts";

/** What a validator has said of the nodes of one graph. */
export interface KnownAnswer {
  readonly supported: boolean;
  readonly reason?: string;
}

/** Everything that a validator's answer can depend on: types, extents, encodings by kind, parameters. No names, no data. */
export function signatureOf(graph: QnnGraph): string {
  const tensor = (id: number): string => {
    const t = graph.tensors[id]!;
    const e = t.encoding;
    // which scale it is does not matter, but that offsets are zero does
    const encoding = e
      ? `${e.kind}${e.bitwidth ?? ""}${e.kind === "axis" ? `@${e.axis}` : ""}${(e.kind === "axis" ? e.offsets.every((o) => o === 0) : e.offset === 0) ? "z" : ""}`
      : "";
    return `${t.kind === "static" ? "=" : ""}${t.dataType}[${t.dims.join(",")}]${encoding}`;
  };
  return graph.nodes
    .map(
      (n) =>
        `${n.type}(${n.inputs.map(tensor).join(" ")})${n.outputs.map(tensor).join(" ")}${JSON.stringify([n.scalars, n.tensors])}`,
    )
    .join(";");
}

/** Answers of one build of QNN, kept in a folder from one run to the next. */
export class ValidatorCache {
  private readonly answers: Map<string, KnownAnswer>;
  private readonly path: string | undefined;
  private changed = false;

  /** Without a folder, answers are kept for this run only. */
  constructor(build: string, folder?: string) {
    this.path = folder === undefined ? undefined : join(folder, `qnn-${build.replace(/[^\w.-]/g, "_")}.json`);
    this.answers = new Map(this.path === undefined ? [] : readAnswers(this.path));
  }
  get(key: string): KnownAnswer | undefined {
    return this.answers.get(key);
  }
  set(key: string, answer: KnownAnswer): void {
    this.answers.set(key, answer);
    this.changed = true;
  }
  /** Writes what is new. */
  save(): void {
    if (this.path === undefined || !this.changed) return;
    mkdirSync(join(this.path, ".."), { recursive: true });
    const partial = `${this.path}.${process.pid}`;
    writeFileSync(partial, JSON.stringify(Object.fromEntries([...this.answers].sort()), undefined, 1));
    renameSync(partial, this.path);
    this.changed = false;
  }
}

/** What a file holds; a damaged one counts as empty, as it can be asked again. */
function readAnswers(path: string): readonly (readonly [string, KnownAnswer])[] {
  try {
    return Object.entries(JSON.parse(readFileSync(path, "utf8")) as Record<string, KnownAnswer>);
  } catch {
    return [];
  }
}
