import { createServer, type Server, type Socket } from "node:net";
import { type Logger, portTakenError } from "@storeward/runtime";
import { openPseudoTerminal, type PseudoTerminal } from "./pseudo-terminal.js";

/** The device's end of a serial line. What nobody reads is lost, as on a wire. */
export interface SerialLine {
  /** What a client opens: `/dev/pts/3` or `tcp://127.0.0.1:40001`. */
  readonly device: string;
  write(data: string): void;
  close(): Promise<void>;
}

export interface SerialLineOptions {
  /** TCP even where there are pseudo-terminals. */
  readonly tcp?: boolean | undefined;
  /** Of TCP; 0: any that is free. */
  readonly port?: number | undefined;
  /** A client has connected; a pseudo-terminal does not notice, as a wire does not. */
  readonly onConnect?: () => void;
}

/** A pseudo-terminal where the system and its libraries have one, else TCP on 127.0.0.1. */
export async function openSerialLine(
  onData: (data: Buffer) => void,
  log: Logger,
  options: SerialLineOptions = {},
): Promise<SerialLine> {
  if (options.tcp !== true) {
    const terminal = await openPseudoTerminal(onData).catch((err: unknown) => {
      log.debug({ err }, "no pseudo-terminal, TCP instead");
      return undefined;
    });
    if (terminal !== undefined) return lineOf(terminal);
  }
  return await openTcp(onData, options);
}

function lineOf(terminal: PseudoTerminal): SerialLine {
  return {
    device: terminal.path,
    write: (data) => terminal.write(data),
    close: async () => terminal.close(),
  };
}

const UNREAD = 64 * 1024;

/** As a serial device server: one client at a time, the newest. */
async function openTcp(
  onData: (data: Buffer) => void,
  { port: wanted = 0, onConnect }: SerialLineOptions,
): Promise<SerialLine> {
  let client: Socket | undefined;
  const server: Server = createServer((socket) => {
    client?.destroy();
    client = socket;
    socket.setNoDelay(true);
    socket.on("data", onData);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      if (client === socket) client = undefined;
    });
    onConnect?.();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(portTakenError(cause, { port: wanted, option: "the reader's port" })));
    server.listen(wanted, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    device: `tcp://127.0.0.1:${port}`,
    write: (data) => {
      if (client !== undefined && client.writableLength < UNREAD) client.write(data);
    },
    close: () =>
      new Promise((resolve) => {
        client?.destroy();
        server.close(() => resolve());
      }),
  };
}
