import type { Answer, Request } from "../protocol.ts";
import { compileContext } from "./compile-context.ts";
import { QnnError, QnnLibrary } from "./qnn-library.ts";
import { validateNodes } from "./validate-nodes.ts";

/** Libraries stay loaded: QNN does not like to be loaded twice. */
const loaded = new Map<string, QnnLibrary>();

async function libraryAt(path: string): Promise<QnnLibrary | Answer> {
  const known = loaded.get(path);
  if (known) return known;
  let koffi: typeof import("koffi");
  try {
    const module = (await import("koffi")) as { default?: typeof import("koffi") } & typeof import("koffi");
    koffi = module.default ?? module;
  } catch (e) {
    return { kind: "unavailable", what: "koffi", why: (e as Error).message };
  }
  try {
    const q = new QnnLibrary(koffi, path);
    loaded.set(path, q);
    return q;
  } catch (e) {
    if (e instanceof QnnError) throw e;
    return { kind: "unavailable", what: "library", why: (e as Error).message };
  }
}

async function answer(r: Request): Promise<Answer> {
  const q = await libraryAt(r.library);
  if (!(q instanceof QnnLibrary)) return q;
  if (r.kind === "describe") return { kind: "description", description: { ...q.description, ops: q.supportedOps() } };
  if (r.kind === "validate") return { kind: "verdicts", codes: validateNodes(q, r.graphs) };
  const from = performance.now();
  const bytes = compileContext(q, r);
  return { kind: "compiled", bytes, ms: Math.round(performance.now() - from) };
}

process.on("message", (r: Request) => {
  void answer(r)
    .catch(
      (e: Error): Answer => ({
        kind: "failed",
        failure: e instanceof QnnError ? e.failure : { step: e.stack ?? e.message, code: 0 },
      }),
    )
    .then((a) => process.send!(a));
});
