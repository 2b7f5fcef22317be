import type { AlertMessage } from "@storeward/contracts";
import { createTransport } from "nodemailer";
import { mailText } from "./message.js";
import type { Parcel, Sender } from "./types.js";

export interface MailSettings {
  readonly host: string;
  readonly port: number;
  /** starttls: it must be offered. */
  readonly tls: "starttls" | "implicit" | "none";
  readonly from: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** PEM of the authority that signed its certificate. */
  readonly ca?: string | undefined;
}

/** A server that says nothing for so long is away. */
const LIMIT_MS = 20_000;

/** Sends by SMTP, one message to one address. The key is its Message-ID: whoever has it already can tell. */
export function mailSender(mail: MailSettings, link: string | undefined): Sender {
  const { host, port, tls, from, username, password, ca } = mail;
  const transport = createTransport({
    host,
    port,
    secure: tls === "implicit",
    requireTLS: tls === "starttls",
    ignoreTLS: tls === "none",
    ...(username === undefined ? {} : { auth: { user: username, pass: password ?? "" } }),
    ...(ca === undefined ? {} : { tls: { ca } }),
    connectionTimeout: LIMIT_MS,
    greetingTimeout: LIMIT_MS,
    socketTimeout: LIMIT_MS,
    dnsTimeout: LIMIT_MS,
    // Nothing of a message is ever fetched from a file or an address that stands in it.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = from.slice(from.indexOf("@") + 1);
  return {
    async send({ key, target, body }: Parcel) {
      const { subject, text } = mailText(JSON.parse(body) as AlertMessage, link);
      const headers = { "Auto-Submitted": "auto-generated", "X-Storeward-Key": key };
      await transport.sendMail({
        from,
        to: { name: "", address: target },
        subject,
        text,
        messageId: `<${key}@${domain}>`,
        headers,
      });
    },
    close: () => transport.close(),
  };
}
