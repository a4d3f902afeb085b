import type * as Koffi from "koffi";
import type { QnnDescription, QnnFailure } from "../protocol.ts";
import { declareTypes, functionIndex, type QnnFunction, type QnnTypes } from "./qnn-types.ts";

/** A call of QNN that gave an error code. */
export class QnnError extends Error {
  override readonly name = "QnnError";
  readonly failure: QnnFailure;
  constructor(failure: QnnFailure) {
    super(`${failure.step} gave ${failure.code}`);
    this.failure = failure;
  }
}

/** QNN wants at least this of its own interface; later ones of the same major version only add. */
const wantedMajor = 2;

type Call = (...args: readonly unknown[]) => number;

/** One of QNN's libraries, called through C. Memory that QNN may still read is kept until {@link release}. */
export class QnnLibrary {
  readonly koffi: typeof Koffi;
  readonly types: QnnTypes;
  private readonly table: readonly unknown[];
  private readonly kept: unknown[] = [];
  private readonly flush: (() => void) | undefined;
  readonly backend: unknown;
  readonly description: QnnDescription;

  constructor(koffi: typeof Koffi, path: string) {
    this.koffi = koffi;
    this.types = declareTypes(koffi);
    const library = koffi.load(path);
    const getProviders = library.func("uint64 QnnInterface_getProviders(_Out_ void** list, _Out_ uint32* n)");
    const list: unknown[] = [null];
    const count = [0];
    this.check("QnnInterface_getProviders", getProviders(list, count));
    const provider = koffi.decode(koffi.decode(list[0], "void*"), this.types.provider) as {
      readonly id: number;
      readonly name: string;
      readonly version: Uint32Array;
      readonly functions: readonly unknown[];
    };
    this.table = provider.functions;
    const version = [...provider.version];
    if (version[0] !== wantedMajor)
      throw new QnnError({ step: `an interface of version ${version.slice(0, 3).join(".")}`, code: 0 });
    try {
      const fflush = koffi.load("libc.so.6").func("int fflush(void*)");
      this.flush = () => void fflush(null);
    } catch {
      // elsewhere QNN's messages come when the process ends
    }
    const backend: unknown[] = [null];
    this.check("backendCreate", this.function("backendCreate", "void*, void*, _Out_ void**")(null, null, backend));
    this.backend = backend[0];
    this.description = {
      build: this.buildId(),
      provider: provider.name,
      backendId: provider.id,
      api: [version.slice(0, 3), version.slice(3)],
      ops: [],
    };
  }

  /** A function of the interface. */
  function(name: QnnFunction, parameters: string): Call {
    return this.koffi.decode(
      this.pointer(name),
      this.koffi.proto(`uint64 ${name}_${protoCount++}(${parameters})`),
    ) as Call;
  }
  /** Where a function of the interface lies. */
  pointer(name: QnnFunction): unknown {
    return this.table[functionIndex(name)];
  }
  /** Throws where a call gave an error. */
  check(step: string, code: number | bigint, subject?: string): void {
    const n = Number(code);
    if (n !== 0) throw new QnnError({ step, code: n & 0xffff, ...(subject !== undefined && { subject }) });
  }
  /** Memory with these bytes. */
  memory(bytes: ArrayBufferView): unknown {
    const p = this.koffi.alloc("uint8", Math.max(bytes.byteLength, 1));
    const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    new Uint8Array(this.koffi.view(p, Math.max(bytes.byteLength, 1))).set(view);
    this.kept.push(p);
    return p;
  }
  /** Memory with an array of structures. */
  array(type: Koffi.TypeObject, values: readonly unknown[]): unknown {
    if (!values.length) return null;
    const p = this.koffi.alloc(type, values.length);
    this.koffi.encode(p, this.koffi.array(type, values.length), values);
    this.kept.push(p, values);
    return p;
  }
  /** Lets go of memory that QNN has copied. */
  release(): void {
    this.kept.length = 0;
  }
  /** Writes out what QNN has logged so far, and then `line`. */
  mark(line: string): void {
    this.flush?.();
    process.stdout.write(`${line}\n`);
  }
  /** Names of all ops that the backend says it has. */
  supportedOps(): readonly string[] {
    const names = this.koffi.struct({ package: "str", name: "str", target: "str" });
    const count = [0];
    const list: unknown[] = [null];
    const call = this.function("backendGetSupportedOperations", "void*, _Out_ uint32*, _Out_ void**");
    if (Number(call(this.backend, count, list)) !== 0 || !list[0]) return [];
    const all = this.koffi.decode(list[0], this.koffi.array(names, count[0]!)) as { readonly name: string }[];
    return [...new Set(all.map((o) => o.name))].sort();
  }

  private buildId(): string {
    const id: unknown[] = [null];
    const code = this.function("backendGetBuildId", "_Out_ void**")(id);
    return Number(code) === 0 && id[0] ? (this.koffi.decode(id[0], "char", -1) as string) : "unknown";
  }
}
/** Prototypes have names of their own. */
let protoCount = 0;
