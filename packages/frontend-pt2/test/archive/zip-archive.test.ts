import { type ByteSource, memorySource } from "@tflower/core";
import { BlobReader, configure, Uint8ArrayWriter, ZipReader } from "@zip.js/zip.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openZip } from "../../src/archive/zip-archive.ts";
import { readPt2 } from "../../src/read-pt2.ts";
import { expectCode } from "../support/expect-code.ts";
import { fixture, fixtureBytes } from "../support/fixture.ts";
import { type EntryToWrite, writeZip } from "../support/zip-writer.ts";

const open = (bytes: Uint8Array) => openZip(memorySource("a.pt2", bytes), { file: "a.pt2" });
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe("openZip", () => {
  it.each(["raw.pt2", "weights.pt2", "flat.pt2", "nested.pt2"])("finds in %s what zip.js finds", async (name) => {
    configure({ useWebWorkers: false });
    const reader = new ZipReader(new BlobReader(new Blob([fixtureBytes(name) as Uint8Array<ArrayBuffer>])));
    const zip = await openZip(fixture(name), { file: name });
    const seen: string[] = [];
    for (const entry of await reader.getEntries()) {
      if (entry.directory) continue;
      seen.push(entry.filename);
      const bytes = await zip.readBytes(zip.entries.get(entry.filename)!);
      expect(bytes).toEqual(await entry.getData(new Uint8ArrayWriter()));
    }
    expect([...zip.entries.keys()]).toEqual(seen);
  });

  it("reads any archive that is well-formed", async () => {
    const name = fc.stringMatching(/^[a-zé]{1,8}(\/[a-z.]{1,5}x){0,2}$/);
    const entry = fc.record({ name, data: fc.uint8Array({ maxLength: 3000 }), deflate: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(entry, { selector: (e) => e.name, maxLength: 8 }),
        fc.boolean(),
        fc.string({ maxLength: 20 }),
        async (entries, zip64, comment) => {
          const zip = await open(writeZip(entries, { zip64, comment }));
          expect([...zip.entries.keys()]).toEqual(entries.map((e) => e.name));
          for (const e of entries) {
            const found = zip.entries.get(e.name)!;
            expect(await zip.readBytes(found)).toEqual(e.data);
            expect(await zip.openSource(found).read(0, e.data.length)).toEqual(e.data);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it("takes names with backslashes for paths, and leaves out folders", async () => {
    const zip = await open(
      writeZip([
        { name: "a/", data: "" },
        { name: "a\\b", data: "x" },
      ]),
    );
    expect([...zip.entries.keys()]).toEqual(["a/b"]);
  });

  it("reads entries whose sizes follow the data", async () => {
    const streamed: EntryToWrite = { name: "a", data: "hello", flags: 8, local: { size: 0, crc: 0 } };
    const zip = await open(writeZip([streamed]));
    expect(text(await zip.readBytes(zip.entries.get("a")!))).toBe("hello");
  });

  it("finds data behind alignment padding in the local header", async () => {
    const zip = await open(writeZip([{ name: "a", data: "hello", local: { extra: new Uint8Array(200) } }]));
    expect(text(await zip.readBytes(zip.entries.get("a")!))).toBe("hello");
  });
});

describe("an entry's source", () => {
  const data = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7919) >> 3);

  it("reads ranges, and refuses those outside", async () => {
    for (const deflate of [false, true]) {
      const zip = await open(
        writeZip([
          { name: "x", data: "before" },
          { name: "w", data, deflate },
        ]),
      );
      const source = zip.openSource(zip.entries.get("w")!);
      expect(source.size).toBe(data.length);
      for (const [at, length] of [
        [5, 10],
        [0, 1],
        [199_999, 1],
        [70_000, 100_000],
        [200_000, 0],
      ] as const)
        expect(await source.read(at, length)).toEqual(data.subarray(at, at + length));
      for (const [at, length] of [
        [-1, 2],
        [199_999, 2],
        [0, 200_001],
        [Number.NaN, 1],
      ] as const)
        await expect(source.read(at, length)).rejects.toThrow(RangeError);
    }
  });

  it("checks what is read whole, at once or in order, and nothing else", async () => {
    const zip = await open(
      writeZip([
        { name: "w", data, crc: 0x12345678 },
        { name: "end", data },
      ]),
    );
    const source = () => zip.openSource(zip.entries.get("w")!);
    await expectCode("IMP0005", () => source().read(0, data.length), /w: the entry's checksum .*12345678/);
    const pieces = source();
    await pieces.read(0, 70_000);
    await pieces.read(70_000, 70_000);
    await expectCode("IMP0005", () => pieces.read(140_000, 60_000));
    const some = source();
    await some.read(0, 70_000);
    await some.read(100_000, 100_000);
    await some.read(70_000, 1);
    const zeros = await open(writeZip([{ name: "w", data, crc: 0 }]));
    expect(await zeros.openSource(zeros.entries.get("w")!).read(0, data.length)).toEqual(data);
  });

  it("prefers the checksum of the platform", async () => {
    let calls = 0;
    const bytes = writeZip([{ name: "w", data }]);
    const source: ByteSource = { ...memorySource("a.pt2", bytes), crc32: () => calls++ };
    const zip = await openZip(source, { file: "a.pt2" });
    await expectCode("IMP0005", () => zip.readBytes(zip.entries.get("w")!));
    expect(calls).toBe(1);
  });

  it("tells a failing medium from a damaged archive", async () => {
    const bytes = writeZip([
      { name: "w", data: new Uint8Array(400_000) },
      { name: "x", data },
    ]);
    const inner = memorySource("a.pt2", bytes);
    let fail = false;
    const read = async (offset: number, length: number) => {
      if (fail) throw new Error("disk on fire");
      return inner.read(offset, length);
    };
    const zip = await openZip({ ...inner, read }, { file: "a.pt2" });
    fail = true;
    await expectCode("IMP0020", () => zip.readBytes(zip.entries.get("w")!), /disk on fire/);
    fail = false;
    expect(await zip.readBytes(zip.entries.get("w")!)).toHaveLength(400_000);
    const short = await openZip(
      { ...inner, read: async (o, n) => (await inner.read(o, n)).subarray(0, o === 0 ? 3 : n) },
      { file: "a.pt2" },
    );
    await expectCode("IMP0020", () => short.readBytes(short.entries.get("w")!), /3 came/);
  });
});

describe("an archive of 10 GB", () => {
  /** Everything of small.pt2 behind one stored entry of 10 GB of zeros that exists only as numbers. */
  function sparse(): { source: ByteSource; bytesRead: () => number; reads: () => number } {
    const hole = 10 * 2 ** 30;
    const name = new TextEncoder().encode("small/data/weights/weight_9");
    const u64 = (...values: readonly number[]) => new Uint8Array(BigUint64Array.from(values, BigInt).buffer);
    const extra = Uint8Array.from([1, 0, 16, 0, ...u64(hole, hole)]);
    const head = new Uint8Array(30 + name.length);
    const view = new DataView(head.buffer);
    view.setUint32(0, 0x04034b50, true);
    view.setUint32(18, 0xffffffff, true);
    view.setUint32(22, 0xffffffff, true);
    view.setUint16(26, name.length, true);
    head.set(name, 30);
    const small = fixtureBytes("small.pt2");
    const end = new DataView(small.buffer, small.length - 22);
    const directoryAt = end.getUint32(16, true);
    const shift = head.length + hole;
    // directory entries of the other files, each moved behind the hole through a ZIP64 field
    const listed: number[] = [];
    let at = directoryAt;
    let count = 1;
    for (; at < small.length - 22; count++) {
      const d = new DataView(small.buffer, at);
      const [n, x, c] = [d.getUint16(28, true), d.getUint16(30, true), d.getUint16(32, true)];
      const copy = small.slice(at, at + 46);
      const v = new DataView(copy.buffer);
      v.setUint32(42, 0xffffffff, true);
      v.setUint16(30, 12, true);
      listed.push(...copy, ...small.subarray(at + 46, at + 46 + n), 1, 0, 8, 0, ...u64(shift + d.getUint32(42, true)));
      at += 46 + n + x + c;
    }
    const own = new Uint8Array(46);
    const o = new DataView(own.buffer);
    o.setUint32(0, 0x02014b50, true);
    o.setUint32(20, 0xffffffff, true);
    o.setUint32(24, 0xffffffff, true);
    o.setUint16(28, name.length, true);
    o.setUint16(30, extra.length, true);
    const directory = Uint8Array.from([...own, ...name, ...extra, ...listed]);
    const directoryOffset = shift + directoryAt;
    const end64 = new Uint8Array(56);
    const e = new DataView(end64.buffer);
    e.setUint32(0, 0x06064b50, true);
    for (const [offset, value] of [
      [4, 44],
      [24, count],
      [32, count],
      [40, directory.length],
      [48, directoryOffset],
    ] as const)
      e.setBigUint64(offset, BigInt(value), true);
    const tail = writeZip([]).slice();
    tail.fill(0xff, 8, 20);
    const body = Uint8Array.from([
      ...small.subarray(0, directoryAt),
      ...directory,
      ...end64,
      ...[0x50, 0x4b, 6, 7, 0, 0, 0, 0, ...u64(directoryOffset + directory.length), 1, 0, 0, 0],
      ...tail,
    ]);
    const size = shift + body.length;
    let bytesRead = 0;
    let reads = 0;
    const read = async (offset: number, length: number): Promise<Uint8Array> => {
      reads++;
      bytesRead += length;
      const out = new Uint8Array(length);
      for (const [start, part] of [
        [0, head],
        [shift, body],
      ] as const) {
        const from = Math.max(offset, start);
        const to = Math.min(offset + length, start + part.length);
        if (from < to) out.set(part.subarray(from - start, to - start), from - offset);
      }
      return out;
    };
    return { source: { name: "huge.pt2", size, read }, bytesRead: () => bytesRead, reads: () => reads };
  }

  it("opens at once, having read less than a megabyte", async () => {
    const { source, bytesRead, reads } = sparse();
    expect(source.size).toBeGreaterThan(10 * 2 ** 30);
    const start = performance.now();
    const program = await readPt2(source);
    expect(performance.now() - start).toBeLessThan(500);
    expect(program.tensors.size).toBe(4);
    expect(bytesRead()).toBeLessThan(1_000_000);
    expect(reads()).toBeLessThan(10);
  });

  it("gives ranges beyond 4 GB", async () => {
    const { source } = sparse();
    const zip = await openZip(source, { file: source.name });
    const hole = zip.openSource(zip.entries.get("small/data/weights/weight_9")!);
    expect(hole.size).toBe(10 * 2 ** 30);
    expect(await hole.read(10 * 2 ** 30 - 4, 4)).toEqual(new Uint8Array(4));
    await expectCode("IMP0007", () => zip.readBytes(zip.entries.get("small/data/weights/weight_9")!));
  });
});
