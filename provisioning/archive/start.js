// The native parts in this folder were built for one kind of machine and of Node: said here, before one of them fails in its own words.
import { readFileSync } from "node:fs";

const made = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")).storeward;
const here = { platform: `${process.platform}-${process.arch}`, abi: process.versions.modules };

if (here.platform !== made.platform || here.abi !== made.abi) {
  process.stderr.write(
    `storeward-edge: this archive is for ${made.platform} and Node ${made.node} (ABI ${made.abi}), ` +
      `this is ${here.platform} and Node ${process.versions.node} (ABI ${here.abi}): take the archive made for it\n`,
  );
  process.exit(1);
}
await import("./node_modules/@storeward/edge-agent/dist/whole.js");
