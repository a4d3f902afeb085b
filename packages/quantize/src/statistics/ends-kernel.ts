/** Bytes of elements that are looked at at once; they lie in the first page of the kernel's memory, and what was found in the second. */
const page = 65536;
const words = page / 4;

/**
 * The kernel: in 16 bytes at a time, from 0 to the end that it is given, the greatest integers, the greatest unsigned and the least unsigned
 * ones. JavaScript compares one number at a time, and this is most of what calibration does.
 */
// biome-ignore format: an instruction per line
const code = Uint8Array.of(
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
  0x01, 0x05, 0x01, 0x60, 0x01, 0x7f, 0x00, // type: a function of one i32
  0x03, 0x02, 0x01, 0x00, // function 0 has it
  0x05, 0x03, 0x01, 0x00, 0x02, // a memory of two pages
  0x07, 0x09, 0x02, 0x01, 0x6d, 0x02, 0x00, 0x01, 0x66, 0x00, 0x00, // exports: "m", the memory, and "f", the function
  0x0a, 0x74, 0x01, 0x72, // code: one body
  0x02, 0x01, 0x7f, 0x04, 0x7b, // locals: 1 the place, an i32; 2 up, 3 down, 4 near, 5 the elements, all v128
  0x41, 0x80, 0x80, 0x04, 0xfd, 0x00, 0x04, 0x00, 0x21, 0x02, // up = load 65536
  0x41, 0x80, 0x80, 0x04, 0xfd, 0x00, 0x04, 0x10, 0x21, 0x03, // down = load 65552
  0x41, 0x80, 0x80, 0x04, 0xfd, 0x00, 0x04, 0x20, 0x21, 0x04, // near = load 65568
  0x03, 0x40, // loop
  0x20, 0x01, 0xfd, 0x00, 0x04, 0x00, 0x22, 0x05, // elements = load place
  0x20, 0x02, 0xfd, 0xb8, 0x01, 0x21, 0x02, // up = i32x4.max_s
  0x20, 0x05, 0x20, 0x03, 0xfd, 0xb9, 0x01, 0x21, 0x03, // down = i32x4.max_u
  0x20, 0x05, 0x20, 0x04, 0xfd, 0xb7, 0x01, 0x21, 0x04, // near = i32x4.min_u
  0x20, 0x01, 0x41, 0x10, 0x6a, 0x22, 0x01, // place += 16
  0x20, 0x00, 0x49, 0x0d, 0x00, // again while place < end
  0x0b, // end of the loop
  0x41, 0x80, 0x80, 0x04, 0x20, 0x02, 0xfd, 0x0b, 0x04, 0x00, // store up
  0x41, 0x80, 0x80, 0x04, 0x20, 0x03, 0xfd, 0x0b, 0x04, 0x10, // store down
  0x41, 0x80, 0x80, 0x04, 0x20, 0x04, 0xfd, 0x0b, 0x04, 0x20, // store near
  0x0b,
);

/** What the integers of floats say about these. */
export interface BitEnds {
  /** The greatest as signed integers: the greatest float that has no sign, if there is one. */
  readonly up: number;
  /** The greatest as unsigned integers: the least float that has a sign, if there is one. */
  readonly down: number;
  /** The least as unsigned integers: where all have a sign, or none has, the float that is nearest to zero. */
  readonly near: number;
}

interface Kernel {
  readonly memory: Int32Array;
  run(end: number): void;
}
let kernel: Kernel | null | undefined;

/** Where the platform has none, or a page's policy forbids it, there is no kernel. */
function load(): Kernel | null {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code));
    const { m, f } = exports as { readonly m: WebAssembly.Memory; readonly f: (end: number) => void };
    return { memory: new Int32Array(m.buffer), run: f };
  } catch {
    return null;
  }
}

/** The ends of at least one number, by WebAssembly; `undefined` where that is not to be had. */
export function endsByKernel(bits: Int32Array): BitEnds | undefined {
  if (kernel === undefined) kernel = load();
  if (!kernel) return undefined;
  const { memory, run } = kernel;
  memory.fill(bits[0]!, words, words + 12);
  for (let at = 0; at < bits.length; at += words) {
    const n = Math.min(words, bits.length - at);
    memory.set(bits.subarray(at, at + n));
    // whole vectors: what is missing to the last one is in another anyway
    const whole = (n + 3) & ~3;
    memory.fill(bits[0]!, n, whole);
    run(4 * whole);
  }
  const found = (from: number): readonly number[] => Array.from(memory.subarray(words + from, words + from + 4));
  return {
    up: Math.max(...found(0)),
    down: Math.max(...found(4).map((x) => x >>> 0)) | 0,
    near: Math.min(...found(8).map((x) => x >>> 0)) | 0,
  };
}

/** The same in JavaScript. */
export function endsInScript(bits: Int32Array): BitEnds {
  const sign = 0x80000000 | 0;
  let up = bits[0]!;
  let down = bits[0]! ^ sign;
  let near = down;
  for (let i = 1; i < bits.length; i++) {
    const a = bits[i]!;
    const b = a ^ sign;
    if (a > up) up = a;
    if (b > down) down = b;
    if (b < near) near = b;
  }
  return { up, down: down ^ sign, near: near ^ sign };
}
