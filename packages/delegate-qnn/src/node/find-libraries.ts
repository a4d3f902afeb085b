import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { qnnError } from "./qnn-error.ts";

/** The library that compiles for the HTP on this machine. */
const wanted = "libQnnHtp.so";
const onWindows = "QnnHtp.dll";

/** Where QNN's libraries are. */
export interface QnnLibraries {
  readonly folder: string;
  /** The HTP's backend. */
  readonly htp: string;
}

function libraryIn(folder: string): string | undefined {
  for (const name of [wanted, onWindows]) if (existsSync(join(folder, name))) return join(folder, name);
  return undefined;
}

/** Folders in which people have QNN below the one they name: an SDK, a Python environment, its packages. */
function* candidates(folder: string): Generator<string> {
  yield folder;
  yield join(folder, "onnxruntime_qnn");
  yield join(folder, "lib", "x86_64-linux-clang");
  yield join(folder, "lib", "aarch64-oe-linux-gcc11.2");
  const lib = join(folder, "lib");
  if (!existsSync(lib) || !statSync(lib).isDirectory()) return;
  for (const name of readdirSync(lib).sort())
    if (name.startsWith("python")) yield join(lib, name, "site-packages", "onnxruntime_qnn");
}

/**
 * Finds QNN's libraries: in `folder`, or else in the one that the environment variable `QNN_LIB_DIR` names. Either may be the folder of
 * the libraries, an unpacked SDK, a Python environment or its packages with `onnxruntime-qnn`. Throws a `CompileError` that says what to do.
 */
export function findLibraries(folder: string | undefined = process.env["QNN_LIB_DIR"]): QnnLibraries {
  const help =
    'install them with "pip install onnxruntime-qnn", or unpack Qualcomm\'s AI Engine Direct SDK, and name the folder by QNN_LIB_DIR or --qnn-libs; with --partition-only none are needed';
  if (!folder)
    throw qnnError("QNN0001", "compiling for the NPU takes Qualcomm's QNN libraries, and no folder is named for them", {
      help,
    });
  for (const f of candidates(resolve(folder))) {
    const htp = libraryIn(f);
    if (htp) return { folder: f, htp };
  }
  throw qnnError("QNN0001", `there is no ${wanted} in ${folder}, nor where an SDK or a Python environment keeps it`, {
    help,
  });
}
