import type { Gateway, Item } from "@storeward/contracts";
import { t } from "../messages/index.js";

export type Tone = "good" | "warn" | "bad" | "quiet" | "accent";

/** A state in a word; the sign before it differs by tone, so that colour is not needed to tell them apart. */
export function Badge({ tone, children }: { tone: Tone; children: string }) {
  return <span class={`badge badge-${tone}`}>{children}</span>;
}

const ITEM_TONES = { here: "good", moving: "accent", left: "warn", unknown: "quiet" } as const satisfies Record<
  Item["state"],
  Tone
>;
const READ_POINT_TONES = { watching: "good", blind: "bad", doubtful: "warn", unheard: "quiet" } as const;
const GATEWAY_TONES = { online: "good", offline: "bad", never: "quiet" } as const satisfies Record<
  Gateway["state"],
  Tone
>;
const READER_TONES = { watching: "good", connecting: "warn", blind: "bad", stopped: "quiet" } as const;

export const ItemBadge = ({ state }: { state: Item["state"] }) => (
  <Badge tone={ITEM_TONES[state]}>{t.state[state]}</Badge>
);
export const GatewayBadge = ({ state }: { state: Gateway["state"] }) => (
  <Badge tone={GATEWAY_TONES[state]}>{t.gateways.state[state]}</Badge>
);
export const ReaderBadge = ({ state }: { state: keyof typeof READER_TONES }) => (
  <Badge tone={READER_TONES[state]}>{t.gateways.reader[state]}</Badge>
);
export const CoverageBadge = ({ state }: { state: keyof typeof READ_POINT_TONES }) => (
  <Badge tone={READ_POINT_TONES[state]}>{t.plan.readPoint[state]}</Badge>
);
