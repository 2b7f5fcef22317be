import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const LIMIT_MS = 60_000;

/** Waits until a server that was started takes connections at its port. */
export async function listening(port: number, child: ChildProcess): Promise<void> {
  for (const until = Date.now() + LIMIT_MS; Date.now() < until; await wait(20)) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode}`);
    if (await accepts(port)) return;
  }
  throw new Error(`${child.spawnfile} does not listen on port ${port}`);
}

/** Ends a process and waits until it is gone. Does nothing to one that has ended. */
export async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
