/**
 * Just enough of the flatbuffer format to find a `.tflite`'s signatures. Positions are byte offsets; a missing field is 0.
 * Reads outside the file throw a `RangeError` by themselves.
 */
export class FlatbufferReader {
  readonly bytes: Uint8Array;
  readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(at: number): number {
    return this.view.getUint8(at);
  }
  i8(at: number): number {
    return this.view.getInt8(at);
  }
  u32(at: number): number {
    return this.view.getUint32(at, true);
  }
  i32(at: number): number {
    return this.view.getInt32(at, true);
  }

  /** Where the offset stored at `at` leads. */
  follow(at: number): number {
    return at + this.u32(at);
  }

  /** Position of field `slot` of the table at `table`, 0 when the file leaves it out. */
  field(table: number, slot: number): number {
    const vtable = table - this.i32(table);
    const entry = 4 + 2 * slot;
    if (entry >= this.view.getUint16(vtable, true)) return 0;
    const offset = this.view.getUint16(vtable + entry, true);
    return offset === 0 ? 0 : table + offset;
  }

  /** Position of the first entry and number of entries of the vector that the field holds; none when it is missing. */
  vector(table: number, slot: number): { readonly at: number; readonly length: number } {
    const field = this.field(table, slot);
    if (field === 0) return { at: 0, length: 0 };
    const vector = this.follow(field);
    return { at: vector + 4, length: this.u32(vector) };
  }

  /** The tables of a vector of tables. */
  tables(table: number, slot: number): number[] {
    const { at, length } = this.vector(table, slot);
    return this.list(length, (i) => this.follow(at + 4 * i));
  }

  /** The entries of a vector of int32. */
  ints(table: number, slot: number): number[] {
    const { at, length } = this.vector(table, slot);
    return this.list(length, (i) => this.i32(at + 4 * i));
  }

  string(table: number, slot: number): string {
    const { at, length } = this.vector(table, slot);
    if (at + length > this.bytes.byteLength) throw new RangeError("a string reaches beyond the end of the file");
    return new TextDecoder().decode(this.bytes.subarray(at, at + length));
  }

  private list<T>(length: number, read: (index: number) => T): T[] {
    // A corrupt length must not make an array of four billion entries before the first read fails.
    if (length * 4 > this.bytes.byteLength)
      throw new RangeError(`a vector of ${length} entries is longer than the file`);
    return Array.from({ length }, (_, i) => read(i));
  }
}
