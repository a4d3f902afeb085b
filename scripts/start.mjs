// `npm start`: installs what it needs, builds, and shows what tflower does on the bundled examples.
// `npm start -- convert my.pt2` (or any other command of the CLI) is the same door for one's own files.
import { spawnSync } from "node:child_process";
import { prepare } from "./prepare.mjs";

const args = process.argv.slice(2);
// npm changes to the workspace's folder; paths are meant from where the user stands
const home = process.env.INIT_CWD ?? process.cwd();
if (args.length === 0) console.log("Preparing: the first time this installs dependencies and builds (about a minute).");
prepare({ quiet: true });
const script =
  args.length === 0
    ? ["scripts/demo.mjs"]
    : [new URL("../packages/tflower/bin/tflower.js", import.meta.url).pathname, ...args];
const { status } = spawnSync(process.execPath, script, { stdio: "inherit", ...(args.length > 0 && { cwd: home }) });
process.exitCode = status ?? 1;
