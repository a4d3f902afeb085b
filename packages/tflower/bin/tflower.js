#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { load } from "./load-bundle.js";

const { main } = load(fileURLToPath(new URL("../dist/bundle/main.cjs", import.meta.url))).exports;
process.exitCode = await main(process.argv.slice(2), () => import("@tflower/runtime-litert"));
