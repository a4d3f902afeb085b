import type { ByteSource } from "@tflower/core";
import { openZip, type ZipArchive } from "../archive/zip-archive.ts";
import { importError, type Where, within } from "../import-error.ts";
import type { TensorData, TensorStorage, TensorSubclass } from "../program.ts";
import { scalarBytes } from "../schema/scalar-type.ts";
import { checkGeometry } from "../tensor-geometry.ts";
import { isKind, type PickledSubclass, type PickledTensor, type PickleValue } from "./pickle-value.ts";
import { unpickle } from "./unpickle.ts";

const maxDepth = 8;

/** A file of `torch.save`, its values read and its tensors not. */
export interface TorchSave {
  readonly value: PickleValue;
  /** Describes a tensor of `value`. Tensors of one storage get the same storage object. */
  describe(tensor: PickledTensor, where: Where): TensorData;
  /** Describes a tensor that is made of others. */
  describeSubclass(tensor: PickledSubclass, where: Where): TensorSubclass;
}

/** Opens what `torch.save` wrote: a zip of a pickle and the storages that it refers to. */
export async function openTorchSave(source: ByteSource, where: Where): Promise<TorchSave> {
  const zip = await openZip(source, where);
  const pickle = [...zip.entries.values()].find((e) => /^(?:[^/]+\/)?data\.pkl$/.test(e.name));
  if (!pickle)
    throw importError(
      "IMP0006",
      where,
      "expected an archive of torch.save, but it has no data.pkl",
      "export the program again",
    );
  const root = pickle.name.slice(0, -"data.pkl".length);
  await checkByteOrder(zip, `${root}byteorder`);
  const value = unpickle(await zip.readBytes(pickle), within(where, pickle.name));
  const storages = new Map<string, TensorStorage>();
  const storage = (key: string, at: Where): TensorStorage => {
    const known = storages.get(key);
    if (known) return known;
    const entry = zip.entries.get(`${root}data/${key}`);
    if (!entry)
      throw importError(
        "IMP0006",
        at,
        `a tensor's bytes should lie in ${root}data/${key}, but there is no such entry`,
        "export the program again",
      );
    const made: TensorStorage = {
      id: within(where, entry.name).part!,
      source: zip.openSource(entry),
      offset: 0,
      length: entry.size,
      crc32: entry.crc32,
    };
    storages.set(key, made);
    return made;
  };
  const described = {
    describe(tensor: PickledTensor, at: Where): TensorData {
      const { key, dtype, count } = tensor.storage;
      const found = storage(key, at);
      const bytes = count * (dtype === undefined ? 1 : scalarBytes(dtype));
      if (bytes !== found.length)
        throw importError(
          "IMP0017",
          at,
          `storage ${key} should have ${bytes} bytes, but its entry has ${found.length}`,
          "export the program again",
        );
      checkGeometry(tensor, found.length, at);
      const { sizes, strides, storageOffset } = tensor;
      return { dtype: tensor.dtype, sizes, strides, storageOffset, storage: found };
    },
    describeSubclass(tensor: PickledSubclass, at: Where, depth = 0): TensorSubclass {
      const inner = new Map<string, TensorData | TensorSubclass>();
      for (const [name, value] of tensor.state) {
        if (isKind(value, "tensor")) inner.set(name, described.describe(value, within(at, name)));
        else if (isKind(value, "subclass")) {
          if (depth > maxDepth)
            throw importError("IMP0015", at, "tensor subclasses are nested without end", "export the program again");
          inner.set(name, described.describeSubclass(value, within(at, name), depth + 1));
        }
      }
      const { dtype, sizes, strides } = tensor;
      return { class: tensor.class, dtype, sizes, strides, inner };
    },
  };
  return { value, ...described };
}

/** Refuses big-endian files; those before torch 2.1 do not say, and are little-endian in practice. */
export async function checkByteOrder(zip: ZipArchive, name: string): Promise<void> {
  const entry = zip.entries.get(name);
  if (!entry || entry.size > 64) return;
  const order = new TextDecoder().decode(await zip.readBytes(entry)).trim();
  if (order !== "little")
    throw importError(
      "IMP0009",
      within(zip.where, name),
      `expected "little", got ${JSON.stringify(order)}: the file was written on a big-endian machine`,
      "export the program on a little-endian machine",
    );
}
