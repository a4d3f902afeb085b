import type { FlatbufferReader } from "./flatbuffer-reader.ts";

/**
 * Edits to a flatbuffer that leave its bytes where they are: words overwritten, and vectors appended after the end.
 * Offsets of vectors only lead forward, so a field can always be pointed at what is appended. Nothing is changed in the
 * caller's bytes: the edits are made in the copy that {@link FilePatch.write} fills.
 */
export class FilePatch {
  private readonly source: FlatbufferReader;
  private readonly words = new Map<number, number>();
  private readonly appended: number[] = [];
  private readonly end: number;

  constructor(source: FlatbufferReader) {
    this.source = source;
    this.end = Math.ceil(source.bytes.byteLength / 4) * 4;
  }

  /** Bytes that the patched file takes. */
  get byteLength(): number {
    return this.end + this.appended.length * 4;
  }

  /** Lets the vector field at `slot` of `table` hold `values`; returns false where the table has no such field. */
  setInts(table: number, slot: number, values: readonly number[]): boolean {
    const field = this.source.field(table, slot);
    if (field === 0) return false;
    this.words.set(field, this.byteLength - field);
    this.appended.push(values.length, ...values);
    return true;
  }

  /** Keeps only those tables of the vector field at `slot` of `table` for which `keep` holds. */
  filterTables(table: number, slot: number, keep: (table: number) => boolean): void {
    const { at, length } = this.source.vector(table, slot);
    let kept = 0;
    for (let i = 0; i < length; i++) {
      const target = this.source.follow(at + 4 * i);
      // Entries move towards the front only: the way to their table gets longer, never negative.
      if (keep(target)) this.words.set(at + 4 * kept, target - (at + 4 * kept++));
    }
    if (length > 0) this.words.set(at - 4, kept);
  }

  /** Fills `target`, which has {@link byteLength} bytes, with the patched file. */
  write(target: Uint8Array): void {
    target.set(this.source.bytes);
    target.fill(0, this.source.bytes.byteLength, this.end);
    const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
    for (const [at, value] of this.words) view.setInt32(at, value, true);
    this.appended.forEach((value, i) => {
      view.setInt32(this.end + 4 * i, value, true);
    });
  }
}
