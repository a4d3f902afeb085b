/** Work that is done sooner needs no bar. */
const patience = 500;

/** Shows on a terminal how far work has come. */
export interface ProgressBar {
  update(done: number): void;
  end(): void;
}

/** A bar on stderr for work of `total` steps, which shows once the work takes longer than half a second. */
export async function progressBar(total: number, label: string): Promise<ProgressBar> {
  const { SingleBar } = await import("cli-progress");
  const bar = new SingleBar({
    format: `${label} [{bar}] {percentage}% {eta_formatted}`,
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
  });
  const start = performance.now();
  let shown = false;
  return {
    update(done) {
      if (!shown && performance.now() - start > patience) {
        bar.start(total, done);
        shown = true;
      }
      if (shown) bar.update(Math.min(done, total));
    },
    end() {
      if (shown) bar.stop();
    },
  };
}
