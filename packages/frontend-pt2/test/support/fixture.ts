import { readFileSync } from "node:fs";
import { type ByteSource, memorySource } from "@tflower/core";

const folder = new URL("../fixtures/", import.meta.url);

/** Bytes of a file that make_fixtures.py wrote. */
export const fixtureBytes = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, folder)));

/** The same as a source. */
export const fixture = (name: string): ByteSource => memorySource(name, fixtureBytes(name));

/** A JSON file that make_fixtures.py wrote. */
export const fixtureJson = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as T;
