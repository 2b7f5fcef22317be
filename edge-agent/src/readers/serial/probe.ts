import type { Clock } from "@storeward/runtime";
import { Counters } from "../counters.js";
import type { ProbeContext, ProbeReport, ProbeTarget } from "../probe.js";
import { E } from "./errors.js";
import { openTransport, type Transport } from "./transport.js";

/** What a protocol makes of an open line. */
interface LineTalker {
  receive(chunk: Uint8Array): void;
  end(error: unknown): void;
}

export interface LineContext {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly write: (text: string) => void;
  readonly signal: AbortSignal;
}

/** What a protocol asks on a line, for as long as it takes; the line is closed afterwards. */
export async function probeLine<D extends LineTalker>(
  target: ProbeTarget & { readonly baudRate: number },
  { clock, signal }: ProbeContext,
  make: (context: LineContext) => D,
  ask: (dialogue: D) => Promise<ProbeReport>,
): Promise<ProbeReport> {
  const device = target.device ?? `tcp://${target.host}:${target.port}`;
  const over = new AbortController();
  let transport: Transport | undefined;
  let gone: (error: unknown) => void = () => undefined;
  const ended = new Promise<never>((_, reject) => {
    gone = reject;
  });
  ended.catch(() => undefined);
  const onAbort = (): void => gone(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const write = (text: string): void => transport?.write(text);
  const dialogue = make({ clock, counters: new Counters(), write, signal: over.signal });
  try {
    const onData = (chunk: Uint8Array): void => dialogue.receive(chunk);
    transport = await openTransport({ device, baudRate: target.baudRate }, { onData, onGone: gone }, signal);
    return await Promise.race([ask(dialogue), ended]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    over.abort();
    dialogue.end(E.SERIAL_CLOSED({ device, reason: "closed" }));
    await transport?.close();
  }
}
