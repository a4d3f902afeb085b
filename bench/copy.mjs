// Copies one file to another through this process's memory: the least that any converter written in Node has to do.
// fs.copyFile would not do as a yardstick, since it may clone the file's blocks without reading a byte.
import { closeSync, openSync, readSync, writeSync } from "node:fs";

const [from, to] = process.argv.slice(2);
if (!from || !to) {
  process.stderr.write("usage: node copy.mjs FROM TO\n");
  process.exit(2);
}

const chunk = Buffer.allocUnsafe(1024 * 1024);
const source = openSync(from, "r");
const target = openSync(to, "w");
for (let length; (length = readSync(source, chunk, 0, chunk.length, null)) > 0; ) {
  for (let written = 0; written < length; ) written += writeSync(target, chunk, written, length - written);
}
closeSync(source);
closeSync(target);
