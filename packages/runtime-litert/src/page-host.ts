import { LiteRtError } from "./litert-error.ts";
import type { ModuleFactory } from "./wasm-module.ts";

/** A page has no installed packages. */
export function defaultFolder(): string {
  throw new LiteRtError("RUN0001", "expected options.wasmUrl in a page", {
    help: 'serve the files of @litertjs/core/wasm and let wasmUrl name their folder, as in loadModel(bytes, { wasmUrl: "/litert/" })',
  });
}

const urlOf = (folder: string, file: string): string =>
  new URL(file, new URL(folder.endsWith("/") ? folder : `${folder}/`, globalThis.location.href)).href;

/** The script defines one global; what was there before comes back. */
export async function loadScript(folder: string, file: string): Promise<ModuleFactory> {
  const url = urlOf(folder, file);
  if (!("document" in globalThis)) return importScript(url);
  const scope = globalThis as { ModuleFactory?: ModuleFactory | undefined };
  const before = scope.ModuleFactory;
  const script = document.createElement("script");
  script.src = url;
  script.crossOrigin = "anonymous";
  await new Promise<void>((resolve, reject) => {
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`${url} cannot be loaded`));
    document.head.append(script);
  }).finally(() => script.remove());
  const factory = scope.ModuleFactory;
  scope.ModuleFactory = before;
  if (typeof factory !== "function") throw new Error(`${url} defines no module factory`);
  return factory;
}

/** Workers: `importScripts` is missing from module workers, so the script becomes a module. */
async function importScript(url: string): Promise<ModuleFactory> {
  const text = await (await fetchOk(url)).text();
  const blob = URL.createObjectURL(new Blob([text, "\nexport { ModuleFactory };"], { type: "text/javascript" }));
  try {
    return ((await import(/* @vite-ignore */ /* webpackIgnore: true */ blob)) as { ModuleFactory: ModuleFactory })
      .ModuleFactory;
  } finally {
    URL.revokeObjectURL(blob);
  }
}

export async function compile(folder: string, file: string): Promise<WebAssembly.Module> {
  const response = await fetchOk(urlOf(folder, file));
  // Streaming needs the MIME type; small servers often lack it.
  if (response.headers.get("content-type")?.startsWith("application/wasm"))
    return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

async function fetchOk(url: string): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return response;
}
