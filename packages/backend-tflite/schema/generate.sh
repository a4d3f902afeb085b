#!/bin/sh
# Makes src/schema/generated/tflite.ts from tflite.fbs. Needs flatc (Debian: flatbuffers-compiler).
#
# Not `flatc --ts --gen-object-api`: that is 613 kB in 190 modules (load time), forgets which fields are enumerations
# (names could not be checked), writes absent vectors as empty ones (an empty shape_signature changes meaning), and
# reads without bounds checks. The binary schema holds every fact, and pack-table.ts and read-table.ts need no more.
set -eu
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
flatc --binary --schema --bfbs-builtins -o "$scratch" tflite.fbs
node generate.mjs "$scratch/tflite.bfbs" ../src/schema/generated/tflite.ts
