import { type ChildProcess, fork } from "node:child_process";
import { childScript } from "./child-script.ts";
import type { QnnLibraries } from "./find-libraries.ts";
import type { Answer, QnnDescription, QnnFailure, Request, SentGraph } from "./protocol.ts";
import { qnnError } from "./qnn-error.ts";

/** What `QnnProcess` may be told. */
export interface QnnProcessOptions {
  /** The script that the process runs, for tests. */
  readonly script?: string;
  /** Milliseconds after which a request that is not answered counts as failed. Half an hour by default: large models take minutes. */
  readonly timeout?: number;
}

/** Messages of QNN kept for diagnostics. */
const keptLines = 4000;

/** What a request gave, and what QNN logged meanwhile. */
export interface Answered<A extends Answer> {
  readonly answer: A;
  readonly log: readonly string[];
}

/**
 * QNN's libraries in a process of their own: whatever they do there, this one lives on. Every failure is a `CompileError` that says which
 * step gave what, with QNN's own messages.
 */
export class QnnProcess {
  private child: ChildProcess | undefined;
  private lines: string[] = [];
  private readonly libraries: QnnLibraries;
  private readonly options: QnnProcessOptions;

  constructor(libraries: QnnLibraries, options: QnnProcessOptions = {}) {
    this.libraries = libraries;
    this.options = options;
  }

  /** What QNN says of itself. */
  async describe(): Promise<QnnDescription> {
    const { answer } = await this.ask({ kind: "describe", library: this.libraries.htp });
    if (answer.kind !== "description") throw this.problem(answer, "asking QNN for its version");
    return answer.description;
  }
  /** QNN's error code for each node of each graph, 0 where it takes it, and what it logged. */
  async validate(
    graphs: readonly SentGraph[],
  ): Promise<{ readonly codes: readonly (readonly number[])[]; readonly log: readonly string[] }> {
    const { answer, log } = await this.ask({ kind: "validate", library: this.libraries.htp, graphs });
    if (answer.kind !== "verdicts") throw this.problem(answer, "asking QNN's validator");
    return { codes: answer.codes, log };
  }
  /** Compiles graphs into one context. */
  async compile(
    request: Omit<Extract<Request, { readonly kind: "compile" }>, "kind" | "library">,
  ): Promise<{ readonly bytes: number; readonly ms: number }> {
    const { answer } = await this.ask({ kind: "compile", library: this.libraries.htp, ...request });
    if (answer.kind !== "compiled") throw this.problem(answer, `compiling "${request.graphs[0]?.name}"`);
    return answer;
  }
  /** Ends the process. */
  close(): void {
    this.child?.removeAllListeners();
    this.child?.kill();
    this.child = undefined;
  }

  private start(): ChildProcess {
    if (this.child) return this.child;
    const script = this.options.script ?? childScript();
    const path = [this.libraries.folder, process.env["LD_LIBRARY_PATH"]].filter((p) => p).join(":");
    const child = fork(script, [], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      serialization: "advanced",
      execArgv: [],
      env: { ...process.env, LD_LIBRARY_PATH: path, ADSP_LIBRARY_PATH: this.libraries.folder },
    });
    for (const stream of [child.stdout, child.stderr]) {
      let rest = "";
      stream?.on("data", (chunk: Buffer) => {
        const parts = (rest + chunk.toString("utf8")).split("\n");
        rest = parts.pop()!;
        this.lines.push(...parts);
        if (this.lines.length > 2 * keptLines) this.lines = this.lines.slice(-keptLines);
      });
    }
    this.child = child;
    return child;
  }

  private ask(request: Request): Promise<Answered<Answer>> {
    const child = this.start();
    this.lines = [];
    return new Promise((done, fail) => {
      const timer = setTimeout(() => {
        this.close();
        fail(
          qnnError("QNN0007", `QNN has not answered within ${this.timeout / 1000} seconds`, {
            help: "compile smaller partitions, or give it more time",
          }),
        );
      }, this.timeout);
      const settle = (then: () => void): void => {
        clearTimeout(timer);
        child.removeAllListeners("message");
        child.removeAllListeners("exit");
        child.removeAllListeners("error");
        then();
      };
      child.once("message", (answer: Answer) =>
        settle(() => {
          // what the process wrote before it answered may come after
          setTimeout(() => done({ answer, log: this.lines }), 20);
        }),
      );
      child.once("exit", (code, signal) =>
        settle(() => {
          this.child = undefined;
          fail(this.crash(request, code, signal));
        }),
      );
      child.once("error", (e) =>
        settle(() => fail(qnnError("QNN0007", `QNN's process cannot be started: ${e.message}`))),
      );
      child.send(request);
    });
  }
  private get timeout(): number {
    return this.options.timeout ?? 30 * 60_000;
  }

  private crash(request: Request, code: number | null, signal: string | null): Error {
    const killed = signal === "SIGKILL";
    return qnnError(
      "QNN0007",
      `the process that holds QNN's libraries ended ${signal ? `by ${signal}` : `with code ${code}`} while it was asked to ${request.kind}`,
      {
        notes: this.messages(),
        help: killed
          ? "the system ends processes that take too much memory: compile on a machine with more, or make the model smaller"
          : "the fault is inside QNN: try another version of its libraries, or keep the ops in its last messages on the CPU",
      },
    );
  }
  /** QNN's own errors, or else its last words. */
  private messages(): string[] {
    const errors = [...new Set(this.lines.filter((l) => /<E>|error/i.test(l)).map((l) => l.trim()))];
    return (errors.length ? errors.slice(-12) : this.lines.slice(-4)).map((l) => l.slice(0, 400));
  }

  private problem(answer: Answer, doing: string): Error {
    if (answer.kind === "unavailable")
      return answer.what === "koffi"
        ? qnnError(
            "QNN0002",
            `calling QNN's libraries takes the package koffi, which cannot be loaded: ${answer.why}`,
            {
              help: 'install it beside tflower: "npm install koffi"',
            },
          )
        : qnnError("QNN0003", `${this.libraries.htp} cannot be used: ${answer.why}`, {
            notes: this.messages(),
            help: "the libraries must be those for this machine's processor, of one version, in one folder",
          });
    if (answer.kind === "failed") return this.failure(answer.failure, doing);
    return qnnError("QNN0007", `QNN's process answered with "${answer.kind}" while ${doing}`);
  }
  private failure({ step, code, subject }: QnnFailure, doing: string): Error {
    const notes = this.messages();
    const what = `${doing}: ${step}${subject ? ` of "${subject}"` : ""} ${code ? `gave error ${code}` : "failed"}`;
    if (step.startsWith("an interface"))
      return qnnError("QNN0003", `${this.libraries.htp} has ${step}, and tflower speaks version 2`, {
        notes,
        help: "use libraries of QNN's AI Engine Direct 2.x",
      });
    const memory = notes.some((l) => /memory|vtcm|alloc/i.test(l));
    return qnnError("QNN0006", what, {
      ...(subject !== undefined && { subject }),
      notes,
      help: memory
        ? "the graph does not fit: make its tensors smaller, or cut it in parts by keeping an op in its middle on the CPU (--keep-on-cpu)"
        : "keep the op that the messages name on the CPU (--keep-on-cpu); an op that passes the validator may still lack a kernel for its SoC",
    });
  }
}
