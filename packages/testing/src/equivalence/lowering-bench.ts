import { tflitePlugin } from "@tflower/backend-tflite";
import {
  CompileError,
  Compiler,
  type Diagnostic,
  eliminateDeadCode,
  type Lowering,
  lowerOps,
  type Module,
  type Node,
  type Plugin,
  Rejection,
  runPasses,
} from "@tflower/core";
import { atenPlugin } from "@tflower/ops-aten";
import { type Application, programOf } from "../application/application.ts";

/** What became of a program that was lowered. */
export type Outcome =
  | { readonly kind: "lowered"; readonly module: Module }
  | { readonly kind: "rejected"; readonly reason: string }
  | { readonly kind: "broken"; readonly why: string; readonly module: Module };

/** Lowers applications of one op by one lowering, and what that emits by a compiler's others. */
export class LoweringBench {
  readonly compiler: Compiler;
  private root: Node | undefined;
  private reason: string | undefined;

  constructor(lowering: Lowering<any>, plugins: readonly Plugin[] = []) {
    // another lowering of the same op may serve what this one emits, never the application itself
    const tested: Lowering<any> = {
      ...lowering,
      benefit: Infinity,
      lower: (operands, attrs, emit, node) => {
        const out = lowering.lower(operands, attrs, emit, node as never);
        if (out instanceof Rejection && (node as Node) === this.root) this.reason = out.reason;
        return out;
      },
    };
    this.compiler = new Compiler().use(tflitePlugin(), atenPlugin(), ...plugins).lower(tested);
  }

  /** The application's program after lowering, and after the stages behind it when `optimize` says so. */
  async lower(a: Application, optimize = false): Promise<Outcome> {
    const { module } = programOf(a);
    this.root = module.find("main")!.first;
    this.reason = undefined;
    const { pipeline } = this.compiler;
    const passes = [lowerOps(), eliminateDeadCode(), ...(optimize ? [...pipeline.optimize, ...pipeline.finish] : [])];
    try {
      await runPasses(module, passes, this.compiler);
    } catch (e) {
      if (this.reason !== undefined) return { kind: "rejected", reason: this.reason };
      if (!(e instanceof CompileError)) throw e;
      // what the lowering emitted may be refused further on; everything else is a bug
      const bug = e.diagnostics.find((d) => !refusals.has(d.code));
      if (bug) return { kind: "broken", why: bug.message, module };
      return { kind: "rejected", reason: `what it emits is refused: ${reasonOf(e.diagnostics[0]!)}` };
    }
    return this.reason === undefined ? { kind: "lowered", module } : { kind: "rejected", reason: this.reason };
  }
}

/** Codes that say "this cannot be done" rather than "this went wrong". */
const refusals: ReadonlySet<string> = new Set(["LOW0001", "TFL0010"]);
const reasonOf = (d: Diagnostic): string => [d.message, ...(d.notes ?? [])].join("; ");
