import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "@storeward/reader-simulators";
import { Aedes } from "aedes";

/** A broker that can be killed and started again at the same port. */
export interface Broker {
  readonly port: number;
  start(): Promise<void>;
  /** At once, with everything it holds. */
  kill(): Promise<void>;
}

export class AedesBroker implements Broker {
  port = 0;
  #server: Server | undefined;
  #aedes: Aedes | undefined;
  readonly #sockets = new Set<Socket>();

  async start(): Promise<void> {
    const aedes = await Aedes.createBroker();
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      aedes.handle(socket);
    });
    server.listen(this.port, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    this.port = typeof address === "object" && address !== null ? address.port : 0;
    this.#aedes = aedes;
    this.#server = server;
  }

  async kill(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server?.close();
    await new Promise<void>((closed) => (this.#aedes === undefined ? closed() : this.#aedes.close(closed)));
  }
}

/** Debian keeps it out of the path of ordinary users. */
const MOSQUITTOS = ["mosquitto", "/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"];

export function findMosquitto(): string | undefined {
  return MOSQUITTOS.find((program) => spawnSync(program, ["-h"]).error === undefined);
}

export class MosquittoBroker implements Broker {
  port = 0;
  readonly #program: string;
  readonly #dir: string;
  #child: ChildProcess | undefined;

  constructor(program: string, dir: string) {
    this.#program = program;
    this.#dir = dir;
  }

  async start(): Promise<void> {
    if (this.port === 0) this.port = await freePort();
    const file = join(this.#dir, "mosquitto.conf");
    writeFileSync(file, `listener ${this.port} 127.0.0.1\nallow_anonymous true\n`);
    const child = spawn(this.#program, ["-c", file], { stdio: "ignore" });
    this.#child = child;
    while (!(await accepts(this.port))) {
      if (child.exitCode !== null) throw new Error(`mosquitto ended with ${child.exitCode}`);
      await wait(20);
    }
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
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
