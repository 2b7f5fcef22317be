import type { AlertReceiver, AlertWindow } from "@storeward/contracts";
import { codeOf, rolesOf } from "./codes.js";
import { instantOf, localOf } from "./zoned.js";

/* Receivers and windows while they are being written: everything as it is typed. */

export interface ReceiverDraft {
  /** Null: it is new. */
  readonly id: string | null;
  readonly name: string;
  readonly enabled: boolean;
  readonly roles: string;
  readonly places: readonly string[];
  readonly by: "email" | "webhook";
  /** Separated by commas. */
  readonly to: string;
  readonly url: string;
  readonly insecure: boolean;
}

export const NEW_RECEIVER: ReceiverDraft = {
  id: null,
  name: "",
  enabled: true,
  roles: "",
  places: [],
  by: "email",
  to: "",
  url: "",
  insecure: false,
};

export function receiverDraftOf({
  id,
  name,
  enabled = true,
  roles = [],
  places = [],
  by,
}: AlertReceiver): ReceiverDraft {
  const how = by.kind === "email" ? { to: by.to.join(", ") } : { url: by.url, insecure: by.insecure ?? false };
  return { ...NEW_RECEIVER, id, name, enabled, roles: roles.join(", "), places, by: by.kind, ...how };
}

export function receiverOf(draft: ReceiverDraft, taken: ReadonlySet<string>): AlertReceiver {
  const { name, enabled, by, to, url, insecure } = draft;
  return {
    ...{ id: draft.id ?? codeOf(name, taken), name: name.trim() },
    ...(enabled ? {} : { enabled }),
    ...scopeOf(draft),
    by:
      by === "email"
        ? { kind: by, to: to.split(/[\s,;]+/).filter((one) => one !== "") }
        : { kind: by, url: url.trim(), ...(insecure ? { insecure } : {}) },
  };
}

/** Of what one is told: nothing where it is of everything. */
export function scopeOf({
  roles,
  places,
}: Pick<ReceiverDraft, "roles" | "places">): Pick<AlertReceiver, "roles" | "places"> {
  const named = rolesOf(roles);
  return {
    ...(named.length === 0 ? {} : { roles: named }),
    ...(places.length === 0 ? {} : { places: [...places] }),
  };
}

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
type Day = (typeof DAYS)[number];

export interface WindowDraft {
  /** Null: it is new. */
  readonly id: string | null;
  readonly title: string;
  readonly enabled: boolean;
  readonly kind: AlertWindow["kind"];
  readonly rules: readonly string[];
  readonly places: readonly string[];
  readonly repeats: boolean;
  readonly days: readonly Day[];
  readonly from: string;
  readonly to: string;
  /** On the site's clock. */
  readonly begins: string;
  readonly ends: string;
}

export const NEW_WINDOW: WindowDraft = {
  id: null,
  title: "",
  enabled: true,
  kind: "quiet",
  rules: [],
  places: [],
  repeats: true,
  days: DAYS,
  from: "22:00",
  to: "06:00",
  begins: "",
  ends: "",
};

export function windowDraftOf(window: AlertWindow, timeZone: string): WindowDraft {
  const { id, title, enabled = true, kind, rules = [], places = [], when } = window;
  const at =
    "days" in when
      ? { repeats: true, ...when }
      : { repeats: false, begins: localOf(when.begins, timeZone), ends: localOf(when.ends, timeZone) };
  return { ...NEW_WINDOW, id, title, enabled, kind, rules, places, ...at };
}

export function windowOf(draft: WindowDraft, taken: ReadonlySet<string>, timeZone: string): AlertWindow {
  const { title, enabled, kind, rules, places, repeats, days, from, to, begins, ends } = draft;
  return {
    ...{ id: draft.id ?? codeOf(title, taken), title: title.trim(), kind },
    ...(enabled ? {} : { enabled }),
    ...(rules.length === 0 ? {} : { rules: [...rules] }),
    ...(places.length === 0 ? {} : { places: [...places] }),
    when: repeats
      ? { days: DAYS.filter((day) => days.includes(day)), from, to }
      : { begins: instantOf(begins, timeZone), ends: instantOf(ends, timeZone) },
  };
}
