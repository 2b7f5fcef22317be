import type { AlertEvidence, AlertReceiver, AlertRule, AlertWindow, Gateway, TroubleKind } from "@storeward/contracts";
import type { Sql } from "../database/types.js";

/** A browser that somebody has subscribed. */
export interface PushBy {
  readonly kind: "push";
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
  /** Whose it is. */
  readonly user: string;
}

/** A receiver as it is kept: people set those of {@link AlertReceiver}, browsers subscribe themselves. */
export type StoredReceiver = Omit<AlertReceiver, "by"> & { readonly by: AlertReceiver["by"] | PushBy };

export interface StoredSetup {
  readonly rules: readonly AlertRule[];
  readonly receivers: readonly StoredReceiver[];
  readonly windows: readonly AlertWindow[];
}

/** Whether it is one that people set. */
export function isSetByPeople(receiver: StoredReceiver): receiver is AlertReceiver {
  return receiver.by.kind !== "push";
}

/** Something that holds, of one rule. */
export interface Finding {
  /** Which of all that the rule watches; the same for as long as it is about the same. */
  readonly subject: string;
  /** Since when it holds, ms since 1970. */
  readonly since: number;
  /** Where it is known exactly when it began: later than what was known to hold, it was over in between. */
  readonly began?: number;
  /** Up to when it is known to hold, ms since 1970. */
  readonly judged: number;
  /** By whose `through` it is judged from then on. */
  readonly agent?: string;
  readonly what: string;
  /** Ids. */
  readonly places: readonly string[];
  readonly evidence: Omit<AlertEvidence, "judged">;
}

/** All that holds of one rule now. Of what is neither found nor excused it is known that it does not hold. */
export interface Judgement {
  readonly rule: AlertRule;
  readonly findings: readonly Finding[];
  /** Of this subject nothing is known now: whatever was said of it stays. */
  readonly excused?: (subject: string) => boolean;
  /** Gateways that would have to be heard further to say more. */
  readonly unheard?: ReadonlySet<string>;
}

/** What makes it so that a rule cannot be judged. */
export interface Unjudged {
  readonly rule: string;
  readonly why: string;
}

export interface GatewayStates {
  list(sql: Sql): Promise<Gateway[]>;
}

/** Things that are where they should not be, or not where they should be. The catalogue knows them. */
export interface ItemTroubles {
  all(sql: Sql, kind: TroubleKind): Promise<string[]>;
}
