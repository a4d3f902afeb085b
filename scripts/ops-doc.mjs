// Writes docs/ops.md, the table of ops: node scripts/ops-doc.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { opsTable } from "../packages/testing/dist/index.js";

const at = (path) => new URL(`../${path}`, import.meta.url);
writeFileSync(
  at("docs/ops.md"),
  opsTable(JSON.parse(readFileSync(at("packages/ops-aten/test/without-property.json"), "utf8"))),
);
