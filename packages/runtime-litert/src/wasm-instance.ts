import { LiteRtError } from "./litert-error.ts";
import { loadBuild, messageOf, type WasmBuild, type WasmOptions } from "./wasm-build.ts";
import type { Handle, WasmModule } from "./wasm-module.ts";

/** What one call into WebAssembly came to: its value or what it threw, and the errors that LiteRT printed meanwhile. */
export type Outcome<T> = { readonly log: readonly string[]; readonly info: readonly string[] } & (
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly thrown: unknown }
);

/** WebAssembly memory of LiteRT's builds grows up to here and never shrinks. */
export const memoryLimit = 2 ** 31;

/**
 * One instance of LiteRT: a memory, an environment, and what it prints, which goes nowhere else. Calls into it are
 * synchronous, so whatever is printed during one belongs to it.
 */
export class WasmInstance {
  readonly module: WasmModule;
  readonly environment: Handle;
  /** Models that live in it. */
  models = 0;
  /** Why nothing in it can run any more. */
  crash: string | undefined;
  /** Whether new models should go elsewhere. */
  retired = false;
  private readonly printed: string[];

  constructor(module: WasmModule, printed: string[]) {
    this.module = module;
    this.printed = printed;
    this.environment = module.LiteRtEnvironment.create(null);
  }

  /** Calls into WebAssembly. Never throws but for an earlier crash. */
  call<T>(work: () => T): Outcome<T> {
    if (this.crash !== undefined)
      throw new LiteRtError("RUN0012", `LiteRT crashed in an earlier call: ${this.crash}`, {
        help: "load the model anew",
      });
    this.printed.length = 0;
    try {
      const value = work();
      return { ok: true, value, ...this.take() };
    } catch (thrown) {
      // C++ frames were left without cleaning up (their stack pointer stays where it was): nothing new should start here.
      this.retired = true;
      // LiteRT reports failures as plain errors; anything else is a trap or an abort.
      if (!(thrown instanceof Error) || thrown instanceof WebAssembly.RuntimeError || thrown instanceof RangeError)
        this.crash = messageOf(thrown);
      return { ok: false, thrown, ...this.take() };
    }
  }

  /** Bytes of memory it holds. */
  get memory(): number {
    return this.module.HEAPU8.byteLength;
  }

  private take(): { log: string[]; info: string[] } {
    const lines = this.printed.flatMap((text) => text.split("\n")).map((line) => line.trim());
    this.printed.length = 0;
    const log: string[] = [];
    const info: string[] = [];
    let severe = false;
    for (const line of lines) {
      if (line === "") continue;
      const level = /^(ERROR|WARNING|INFO|VERBOSE|DEBUG): /.exec(line)?.[1];
      if (level !== undefined) severe = level === "ERROR";
      // Messages of several lines carry their level on the first only.
      (severe || level === undefined ? log : info).push(line.replace(/^ERROR: /, ""));
    }
    return { log, info };
  }
}

async function instantiate(build: WasmBuild): Promise<WasmInstance> {
  const printed: string[] = [];
  const print = (line: string): void => void printed.push(line);
  const module = await new Promise<WasmModule>((resolve, reject) => {
    build
      .factory({
        print,
        printErr: print,
        instantiateWasm(imports, done) {
          // The factory's promise never settles when instantiation fails, so that is reported past it.
          WebAssembly.instantiate(build.module, imports).then((instance) => done(instance, build.module), reject);
          return {};
        },
      })
      .then(resolve, reject);
  });
  return new WasmInstance(module, printed);
}

/** Files from this size on get an instance of their own: the whole memory for them, and all of it back when they go. */
const ownInstanceFrom = 16 * 2 ** 20;
/** An instance whose memory has grown beyond this is left to the garbage collector once it is empty. */
const dropFrom = 128 * 2 ** 20;

const shared = new Map<WasmBuild, WasmInstance>();

/** An instance for a file of `size` bytes. {@link releaseInstance} gives it back. */
export async function acquireInstance(size: number, options: WasmOptions): Promise<WasmInstance> {
  const build = await loadBuild(options);
  const usable = (): WasmInstance | undefined => {
    const known = shared.get(build);
    return known && !known.retired && known.crash === undefined ? known : undefined;
  };
  let instance = size < ownInstanceFrom ? usable() : undefined;
  if (!instance) {
    const made = await instantiate(build).catch((cause: unknown) => {
      throw new LiteRtError("RUN0001", `LiteRT's WebAssembly cannot start: ${messageOf(cause)}`, {
        help: "dispose of models that are no longer needed; each large one holds a WebAssembly memory",
        cause,
      });
    });
    if (size >= ownInstanceFrom) made.retired = true;
    else if (usable() === undefined) shared.set(build, made);
    // Several loads may have started at once: all but the first go back to the one instance that won.
    instance = size < ownInstanceFrom ? usable()! : made;
  }
  instance.models++;
  return instance;
}

/** Says that one model less lives in `instance`. */
export function releaseInstance(instance: WasmInstance): void {
  instance.models--;
  if (instance.models === 0 && instance.memory > dropFrom) instance.retired = true;
  if (!instance.retired && instance.crash === undefined) return;
  for (const [build, known] of shared) if (known === instance) shared.delete(build);
}
