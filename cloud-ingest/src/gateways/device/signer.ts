import type { KeyObject } from "node:crypto";
import { encodeSigned, type SignedKind, signedText } from "@storeward/contracts";
import { signatureOf } from "@storeward/runtime";
import { E } from "./errors.js";

/** Signs what is said to devices. Without a key it can sign nothing: CONFIG_KEY_MISSING. */
export class Signer {
  readonly #key: KeyObject | undefined;

  constructor(key: KeyObject | undefined) {
    this.#key = key;
  }

  get able(): boolean {
    return this.#key !== undefined;
  }

  assertAble(): void {
    if (!this.able) throw E.CONFIG_KEY_MISSING();
  }

  /** The payload of a message. */
  sign(kind: SignedKind, document: object): string {
    if (this.#key === undefined) throw E.CONFIG_KEY_MISSING();
    const text = JSON.stringify(document);
    return encodeSigned(kind, signatureOf(signedText(kind, text), this.#key), text);
  }
}

/** Where devices are spoken to. */
export interface DeviceLink {
  readonly connected: boolean;
  publish(agent: string, leaf: "config" | "command", text: string, options?: { retain?: boolean }): void;
}
