import { constants, openSync, write } from "node:fs";
import { ReadStream } from "node:tty";

export interface PseudoTerminal {
  /** Of the end that a client opens. */
  readonly path: string;
  write(data: string): void;
  close(): void;
}

/** The part of node-pty that is used; its typings leave it out. */
interface NodePty {
  open(options: { encoding: null }): {
    readonly master: ReadStream;
    readonly slave: ReadStream;
    readonly ptsName: string;
    readonly fd: number;
    on(event: "error", listener: (error: Error) => void): void;
  };
}

const UNREAD = 64 * 1024;
const RETRY_MS = 20;

/** Opens a pseudo-terminal, raw and without echo as a serial port is. Rejects where node-pty is missing or refuses. */
export async function openPseudoTerminal(onData: (data: Buffer) => void): Promise<PseudoTerminal> {
  const { open } = (await import("node-pty")) as unknown as NodePty;
  const terminal = open({ encoding: null });
  const { master, slave, ptsName, fd } = terminal;
  let closed = false;
  terminal.on("error", () => undefined);
  master.on("error", () => undefined);
  slave.on("error", () => undefined);
  // Held open and never read: while nobody has the other end open, reading this one would fail.
  const held = new ReadStream(openSync(ptsName, constants.O_RDWR | constants.O_NOCTTY));
  held.setRawMode(true);
  held.unref();
  // node-pty reads the client's end itself: the client would get nothing.
  slave.destroy();
  master.on("data", (data: Buffer) => {
    if (!closed) onData(data);
  });

  let queue = Buffer.alloc(0);
  let writing = false;
  let retry: NodeJS.Timeout | undefined;
  const next = (): void => {
    if (closed || writing || queue.length === 0) return;
    writing = true;
    write(fd, queue, 0, queue.length, null, (error, written) => {
      writing = false;
      if (closed) return;
      if (error === null) {
        queue = queue.subarray(written);
        next();
      } else if (error.code === "EAGAIN") retry = setTimeout(next, RETRY_MS);
      else queue = Buffer.alloc(0);
    });
  };
  return {
    path: ptsName,
    write: (data) => {
      // Nobody takes it: it is lost, as on a wire.
      if (queue.length > UNREAD) return;
      queue = Buffer.concat([queue, Buffer.from(data, "latin1")]);
      next();
    },
    close: () => {
      closed = true;
      clearTimeout(retry);
      held.destroy();
      master.destroy();
    },
  };
}
