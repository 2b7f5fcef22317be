import { createServer as createHttpServer, type IncomingHttpHeaders } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** A mail as it was accepted. */
export interface ReceivedMail {
  readonly to: string;
  readonly messageId: string;
  readonly subject: string;
  readonly text: string;
}

/** An SMTP server (RFC 5321) that takes every mail, or does what it is told to instead. */
export class MailServer {
  readonly mails: ReceivedMail[] = [];
  /** refuse: 451 to every mail. drop: takes it and hangs up without a word. silent: greets nobody. */
  behaviour: "take" | "refuse" | "drop" | "silent" = "take";
  tries = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("error", () => undefined);
      if (this.behaviour !== "silent") this.#talk(socket);
    });
  }

  async start(port = 0): Promise<number> {
    await new Promise<void>((ready) => this.#server.listen(port, "127.0.0.1", ready));
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((closed) => this.#server.close(closed));
  }

  #talk(socket: Socket): void {
    const say = (text: string) => socket.write(`${text}\r\n`);
    let to = "";
    let data: string[] | undefined;
    let rest = "";
    say("220 test");
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      const lines = (rest + text).split("\r\n");
      rest = lines.pop() ?? "";
      for (const line of lines)
        if (data === undefined) {
          const [, address] = /^RCPT TO:<(.*)>/i.exec(line) ?? [];
          to = address ?? to;
          if (/^DATA/i.test(line)) data = [];
          say(/^QUIT/i.test(line) ? "221 bye" : /^DATA/i.test(line) ? "354 go on" : "250 ok");
          if (/^QUIT/i.test(line)) socket.end();
        } else if (line === ".") {
          this.#end(socket, to, data, say);
          data = undefined;
        } else data.push(line.replace(/^\.\./, "."));
    });
  }

  #end(socket: Socket, to: string, lines: readonly string[], say: (text: string) => void): void {
    this.tries++;
    if (this.behaviour === "refuse") {
      say("451 later");
      return;
    }
    const head = lines
      .slice(0, lines.indexOf(""))
      .join("\n")
      .replace(/\n[ \t]+/g, " ");
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1] ?? "";
    const text = lines.slice(lines.indexOf("") + 1).join("\n");
    this.mails.push({ to, messageId: field("Message-ID"), subject: field("Subject"), text });
    if (this.behaviour === "drop") socket.destroy();
    else say("250 taken");
  }
}

/** A call of a webhook as it came. */
export interface ReceivedCall {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly bytes: Buffer;
}

/** A webhook's receiver that accepts, or does what it is told to instead. */
export class HookServer {
  readonly calls: ReceivedCall[] = [];
  /** Answered to every call; 0: hangs up without a word. */
  status = 204;
  tries = 0;
  readonly #server = createHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      this.tries++;
      const bytes = Buffer.concat(chunks);
      if (this.status < 300) this.calls.push({ headers: request.headers, body: bytes.toString(), bytes });
      if (this.status === 0) request.socket.destroy();
      else response.writeHead(this.status).end();
    });
  });

  async start(port = 0): Promise<string> {
    await new Promise<void>((ready) => this.#server.listen(port, "127.0.0.1", ready));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }
}
