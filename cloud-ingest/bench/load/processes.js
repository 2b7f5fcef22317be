import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A process of this folder that does what it is told, one order at a time; see `agents.js` and `floor.js`. */
export function startProcess(file) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const orders = new Map();
  let last = 0;
  child.on("message", (/** @type {any} */ { id, answer, error }) => {
    const { resolve, reject } = orders.get(id);
    orders.delete(id);
    if (error === undefined) resolve(answer);
    else reject(new Error(error));
  });
  child.on("exit", (code) => {
    for (const { reject } of orders.values()) reject(new Error(`${file} has ended with ${code}`));
  });
  const order = (what, details = {}) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      orders.set(id, { resolve, reject });
      child.send({ id, do: what, ...details });
    });
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill();
    await once(child, "exit");
  };
  return { order, end };
}
