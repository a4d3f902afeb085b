import { LiteRtError } from "./litert-error.ts";
import type { ModuleFactory } from "./wasm-module.ts";

/** Where LiteRT's WebAssembly files lie, and which of them to take. */
export interface WasmOptions {
  /**
   * Folder of `@litertjs/core`'s `wasm/` files: in a page the URL they are served at (required), in Node a path or
   * `file:` URL (by default the installed package).
   */
  readonly wasmUrl?: string;
  /** Whether to take the build with relaxed SIMD: by default where the engine has it. */
  readonly relaxedSimd?: boolean;
}

/** One of LiteRT's WebAssembly builds, compiled once and instantiated as often as needed. */
export interface WasmBuild {
  readonly factory: ModuleFactory;
  readonly module: WebAssembly.Module;
}

/** What differs between Node and the page. */
export interface Host {
  /** The folder to take when the caller names none; throws RUN0001 where there is no such default. */
  defaultFolder(): string;
  /** Evaluates the script `file` of `folder`. */
  loadScript(folder: string, file: string): Promise<ModuleFactory>;
  /** Compiles the module `file` of `folder`. */
  compile(folder: string, file: string): Promise<WebAssembly.Module>;
}

/** A function that uses one relaxed instruction (i8x16.relaxed_swizzle): valid only where the engine knows it. */
const relaxedSimdProbe = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...[1, 5, 1, 96, 0, 1, 123],
  ...[3, 2, 1, 0],
  ...[10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11],
);

const builds = new Map<string, Promise<WasmBuild>>();

/** The build that `options` ask for; each is loaded once. */
export async function loadBuild(options: WasmOptions): Promise<WasmBuild> {
  const host = await loadHost();
  const folder = options.wasmUrl ?? host.defaultFolder();
  const known = WebAssembly.validate(relaxedSimdProbe);
  if (options.relaxedSimd && !known)
    throw new LiteRtError("RUN0001", "this engine has no relaxed SIMD, which options.relaxedSimd asks for", {
      help: "leave the option out; Node 20 has it behind --experimental-wasm-relaxed-simd",
    });
  const relaxed = options.relaxedSimd ?? known;
  const name = relaxed ? "litert_wasm_internal" : "litert_wasm_compat_internal";
  const key = `${folder}\n${name}`;
  let build = builds.get(key);
  if (!build) {
    build = Promise.all([host.loadScript(folder, `${name}.js`), host.compile(folder, `${name}.wasm`)]).then(
      ([factory, module]) => ({ factory, module }),
      (cause: unknown) => {
        builds.delete(key); // a later call may come when the server is up
        if (cause instanceof LiteRtError) throw cause;
        throw new LiteRtError("RUN0001", `expected ${name}.js and ${name}.wasm in ${folder}: ${messageOf(cause)}`, {
          help: "let wasmUrl name the folder that holds the files of @litertjs/core/wasm",
          cause,
        });
      },
    );
    builds.set(key, build);
  }
  return build;
}

function loadHost(): Promise<Host> {
  // Electron's renderer is a page that may have Node's globals.
  const inNode =
    typeof process === "object" &&
    typeof process.versions?.node === "string" &&
    !("type" in process && process.type === "renderer");
  return inNode ? import("./node-host.ts") : import("./page-host.ts");
}

/** The text of anything thrown. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
