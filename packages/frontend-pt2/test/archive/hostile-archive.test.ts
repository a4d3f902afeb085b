import { type ByteSource, memorySource } from "@tflower/core";
import { describe, expect, it } from "vitest";
import { openZip } from "../../src/archive/zip-archive.ts";
import { readPt2 } from "../../src/read-pt2.ts";
import { expectCode } from "../support/expect-code.ts";
import { fixtureBytes } from "../support/fixture.ts";
import { rewriteArchive } from "../support/rewrite-archive.ts";
import { concat, type EntryToWrite, writeZip } from "../support/zip-writer.ts";

const source = (bytes: Uint8Array) => memorySource("a.pt2", bytes);
const read = (bytes: Uint8Array) => readPt2(source(bytes));
/** Opens the archive and reads all entries in full. */
async function readAll(bytes: Uint8Array): Promise<void> {
  const zip = await openZip(source(bytes), { file: "a.pt2" });
  for (const entry of zip.entries.values()) await zip.readBytes(entry);
}
const utf8 = new TextEncoder();
const bytesOf = (...values: readonly (number | string)[]) =>
  concat(...values.map((v) => (typeof v === "string" ? utf8.encode(v) : Uint8Array.of(v))));

describe("what is no zip", () => {
  it.each<[string, Uint8Array, RegExp]>([
    ["an empty file", new Uint8Array(0), /empty/],
    ["a short file", bytesOf("hi"), /first bytes are 68 69/],
    ["zeros", new Uint8Array(5000), /zeros only/],
    [
      "a legacy checkpoint",
      bytesOf(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, "jP", 0xa8),
      /before torch 1\.6/,
    ],
    ["a pickle", bytesOf(0x80, 4, 0x95, "abc"), /Python pickle/],
    [
      "a safetensors file",
      concat(Uint8Array.of(80, 0, 0, 0, 0, 0, 0, 0), utf8.encode('{"x": {"dtype": "F32"}}')),
      /safetensors/,
    ],
    ["a tflite file", bytesOf(28, 0, 0, 0, "TFL3", 0, 0, 0, 0), /\.tflite file/],
    ["an ExecuTorch program", bytesOf(28, 0, 0, 0, "ET12", 0, 0, 0, 0), /ExecuTorch/],
    ["a GGUF file", bytesOf("GGUF", 3, 0, 0, 0), /GGUF/],
    ["an HDF5 file", bytesOf(0x89, "HDF\r\n"), /HDF5/],
    ["a gzip file", bytesOf(0x1f, 0x8b, 8, 0), /gzip/],
    ["a zstd file", Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd), /zstd/],
    ["an xz file", bytesOf(0xfd, "7zXZ", 0), /xz/],
    ["a 7z file", bytesOf("7z", 0xbc, 0xaf), /7z/],
    ["a tar file", concat(new Uint8Array(257).fill(65), utf8.encode("ustar"), new Uint8Array(300)), /tar archive/],
    ["an ONNX model", bytesOf(8, 8, 0x12, 7, "pytorch", 0x1a), /ONNX/],
    ["a Git LFS pointer", bytesOf("version https://git-lfs.github.com/spec/v1\noid sha256:00"), /git lfs pull/],
    ["a web page", bytesOf("<!DOCTYPE html><html>"), /web page/],
    ["JSON", bytesOf('{"graph": 1}'), /JSON/],
  ])("%s is named", (_, bytes, pattern) => expectCode("IMP0001", () => read(bytes), pattern));

  it("a directory is named", () => {
    const directory: ByteSource = {
      name: "model",
      size: 4096,
      read: () => Promise.reject(Object.assign(new Error("illegal operation"), { code: "EISDIR" })),
    };
    return expectCode("IMP0001", () => readPt2(directory), /directory/);
  });
});

describe("a zip that is no .pt2", () => {
  it.each<[string, readonly string[], RegExp]>([
    ["nothing", [], /without entries/],
    ["a checkpoint", ["archive/data.pkl", "archive/data/0"], /checkpoint of torch\.save/],
    ["TorchScript", ["m/data.pkl", "m/constants.pkl", "m/code/__torch__.py"], /TorchScript/],
    ["AOTInductor", ["m/archive_format", "m/data/aotinductor/model/x.so"], /AOTInductor/],
    ["NumPy", ["a.npy"], /npz/],
    ["Keras", ["config.json", "model.weights.h5"], /Keras/],
    ["a SavedModel", ["m/saved_model.pb"], /SavedModel/],
    ["a zipped .pt2", ["model.pt2"], /unpack it/],
    ["something else", ["a", "b", "c", "d", "e"], /"a", "b", "c", "d", \.\.\./],
  ])("holds %s", (_, names, pattern) =>
    expectCode("IMP0001", () => read(writeZip(names.map((name) => ({ name, data: "x" })))), pattern),
  );
});

describe("a damaged archive", () => {
  const whole = fixtureBytes("small.pt2");

  it("that ends too early is called truncated", async () => {
    for (const length of [whole.length - 1, whole.length - 22, whole.length >> 1, 100, 30])
      await expectCode("IMP0002", () => read(whole.slice(0, length)), /truncated/);
  });

  it("with something behind it is refused", () =>
    expectCode("IMP0002", () => read(concat(whole, new Uint8Array(7))), /7 bytes follow/));
  it("with something before it is refused", () =>
    expectCode(
      "IMP0002",
      () => read(writeZip([{ name: "a", data: "x" }], { before: new Uint8Array(9) })),
      /should end where its end record begins/,
    ));
  it("with a wrong count of entries is refused", async () => {
    for (const count of [0, 2])
      await expectCode("IMP0002", () => read(writeZip([{ name: "a", data: "x" }], { end: { count } })), /directory/);
  });
  it("with a wrong place of its directory is refused", async () => {
    const entry = [{ name: "a", data: "x" }];
    await expectCode("IMP0002", () => read(writeZip(entry, { end: { offset: 3 } })));
    await expectCode("IMP0002", () => read(writeZip(entry, { end: { length: 5 } })));
    await expectCode("IMP0002", () => read(writeZip(entry, { end: { offset: 0xfffffff0 } })));
  });
  it("with a broken ZIP64 record is refused", async () => {
    const entry = [{ name: "a", data: "x" }];
    await expectCode("IMP0002", () => read(writeZip(entry, { zip64: true, end64: { signature: 1 } })), /ZIP64/);
    await expectCode("IMP0002", () => read(writeZip(entry, { zip64: true, end64: { record: 1e9 } })), /ZIP64/);
    await expectCode("IMP0002", () => read(writeZip(entry, { zip64: true, end64: { record: 0 } })), /ZIP64/);
    await expectCode(
      "IMP0002",
      () => read(writeZip([{ name: "a", data: "x", size: 0xffffffff, compressedSize: 0xffffffff }])),
      /ZIP64 field is missing/,
    );
  });
  it("whose entries' headers are gone is refused", () =>
    expectCode(
      "IMP0002",
      () => readAll(writeZip([{ name: "a", data: "x", local: { signature: 7 } }])),
      /something else lies there/,
    ));
  it("whose deflated data is damaged is refused", async () => {
    const data = "hello hello hello hello hello".repeat(20);
    const deflated = writeZip([{ name: "a", data, deflate: true }]);
    const bad = deflated.slice();
    bad.fill(0xff, 31, 36);
    await expectCode("IMP0002", () => readAll(bad), /compressed data is damaged/);
    await expectCode(
      "IMP0002",
      () => readAll(writeZip([{ name: "a", data, deflate: true, size: 10 }])),
      /compressed data/,
    );
    await expectCode(
      "IMP0002",
      () => readAll(writeZip([{ name: "a", data, deflate: true, size: 1000 }])),
      /compressed data/,
    );
    await expectCode("IMP0005", () => readAll(writeZip([{ name: "a", data, deflate: true, crc: 5 }])), /checksum/);
  });
});

describe("a crafted archive", () => {
  const refused = (entries: readonly EntryToWrite[], pattern: RegExp) =>
    expectCode("IMP0003", () => readAll(writeZip(entries)), pattern);

  it("with overlapping entries is refused", async () => {
    await refused(
      [
        { name: "a", data: "x".repeat(100) },
        { name: "b", data: "y".repeat(100), headerOffset: 0 },
      ],
      /shares bytes with "b"/,
    );
    await refused(
      [
        { name: "a", data: "x".repeat(100), size: 120, compressedSize: 120 },
        { name: "b", data: "y" },
      ],
      /shares bytes/,
    );
  });
  it("with two entries of one name is refused", async () => {
    await refused(
      [
        { name: "a", data: "x" },
        { name: "a", data: "y" },
      ],
      /two entries/,
    );
    await refused(
      [
        { name: "a/b", data: "x" },
        { name: "a\\b", data: "y" },
      ],
      /two entries/,
    );
  });
  it("with paths that lead elsewhere is refused", async () => {
    for (const name of [
      "../x",
      "a/../../x",
      "/etc/passwd",
      "C:/x",
      "C:\\x",
      "a//b",
      "./a",
      "a/./b",
      "",
      "a\u0000b",
      "\\\\host\\x",
    ])
      await refused([{ name, data: "x" }], /a path that leads out of it or nowhere/);
  });
  it("with entries that lie about their length is refused", async () => {
    await refused([{ name: "a", data: "x", size: 2 }], /2 bytes of 1/);
    await refused([{ name: "a", data: "x".repeat(50), deflate: true, size: 10_000_000 }], /which cannot be/);
    await refused([{ name: "a", data: "xx", local: { size: 1 } }], /disagree on its size/);
  });
  it("whose headers contradict the directory is refused", async () => {
    await refused([{ name: "a", data: "x", local: { name: "b" } }], /disagree on its name/);
    await refused([{ name: "a", data: "x", local: { name: "ab" } }], /disagree on its name/);
    await refused([{ name: "a", data: "x", local: { method: 8 } }], /disagree on its compression/);
    await refused([{ name: "a", data: "x", local: { flags: 1 } }], /disagree on its encryption/);
    await refused([{ name: "a", data: "x", local: { crc: 1 } }], /disagree on its checksum/);
  });
  it("with two different directories is refused", () =>
    expectCode(
      "IMP0003",
      () => read(writeZip([{ name: "a", data: "x" }], { zip64: true, end: { offset: 3 } })),
      /two end records/,
    ));
  it("with impossible numbers is refused", async () => {
    await expectCode(
      "IMP0003",
      () => read(writeZip([{ name: "a", data: "x" }], { zip64: true, end64: { offset: 2 ** 60 } })),
      /larger than any file/,
    );
    const extra = concat(Uint8Array.of(1, 0, 24, 0), new Uint8Array(24).fill(0xff));
    await refused(
      [{ name: "a", data: "x", size: 0xffffffff, compressedSize: 0xffffffff, headerOffset: 0xffffffff, extra }],
      /larger than any file/,
    );
  });
  it("whose data would reach into the next entry is refused when it is read", () =>
    expectCode(
      "IMP0002",
      () =>
        readAll(
          writeZip([
            { name: "a", data: "x", headerOffset: 0 },
            { name: "b", data: "y", local: { extra: new Uint8Array(9) }, headerOffset: 32 },
          ]).fill(200, 28, 29),
        ),
      /reach beyond/,
    ));
  it("with a bomb inside is refused without unpacking it", async () => {
    const bomb = await rewriteArchive("small.pt2", (name, data) =>
      name.endsWith("model.json") ? { name, data: new Uint8Array(5_000_000), deflate: true, size: 1000 } : data,
    );
    const before = process.memoryUsage().arrayBuffers;
    await expectCode("IMP0002", () => read(bomb), /compressed data/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4_000_000);
  });
});

describe("an archive with features that torch never uses", () => {
  it("is refused when encrypted", async () => {
    await expectCode("IMP0004", () => read(writeZip([{ name: "a", data: "x", flags: 1 }])), /encrypted/);
    await expectCode("IMP0004", () => read(writeZip([{ name: "a", data: "x", flags: 0x2000 }])), /encrypted/);
  });
  it("is refused when compressed with other methods", async () => {
    await expectCode("IMP0004", () => read(writeZip([{ name: "a", data: "x", method: 93 }])), /93 \(zstd\)/);
    await expectCode("IMP0004", () => read(writeZip([{ name: "a", data: "x", method: 77 }])), /method 77;/);
  });
  it("is refused when split", () =>
    expectCode("IMP0004", () => read(writeZip([{ name: "a", data: "x" }], { disk: 1 })), /split/));
  it("is read when its weights are deflated and small, refused when they are large", async () => {
    const deflated = await rewriteArchive("small.pt2", (name, data) =>
      /weight_\d/.test(name) ? { name, data, deflate: true } : data,
    );
    const program = await readPt2(source(deflated));
    expect(await program.tensors.get("fc.weight")!.storage.source.read(0, 16)).toHaveLength(16);
    const zip = await openZip(source(writeZip([{ name: "w", data: new Uint8Array(65 * 2 ** 20), deflate: true }])), {
      file: "a.pt2",
    });
    await expectCode("IMP0019", () => zip.openSource(zip.entries.get("w")!), /zip -0/);
  });
});
