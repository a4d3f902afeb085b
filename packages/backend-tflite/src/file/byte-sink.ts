/** Where a file is written to: a file handle, a stream, memory. */
export interface ByteSink {
  /** Takes `chunk`; its memory may be used for something else once the result has settled. */
  write(chunk: Uint8Array): Promise<void> | void;
}

/** A {@link ByteSink} that keeps everything. */
export class MemorySink implements ByteSink {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  write(chunk: Uint8Array): void {
    this.#chunks.push(chunk.slice());
    this.#length += chunk.byteLength;
  }

  /** All that was written. */
  bytes(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.byteLength;
    }
    return all;
  }
}

const STAGE = 64 * 1024;
/** Joins small writes: a model has thousands of constants of a few bytes, and a write to a file costs more than they do. */
export class StagedSink {
  readonly #sink: ByteSink;
  #stage = new Uint8Array(STAGE);
  #used = 0;
  /** Bytes taken so far. */
  position = 0;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.position += chunk.byteLength;
    if (chunk.byteLength > STAGE - this.#used) await this.flush();
    if (chunk.byteLength > STAGE) return this.#sink.write(chunk);
    this.#stage.set(chunk, this.#used);
    this.#used += chunk.byteLength;
  }

  async flush(): Promise<void> {
    if (this.#used === 0) return;
    await this.#sink.write(this.#stage.subarray(0, this.#used));
    this.#used = 0;
  }
}
