import type { AlertRule, Gateway } from "@storeward/contracts";
import { isoMs } from "@storeward/runtime";
import type { ParkedGroup } from "../../journal/index.js";
import type { PlaceDirectory } from "../../places/index.js";
import type { Finding, Judgement } from "../types.js";
import type { Watchers } from "./watchers.js";

export interface GatewayFacts {
  readonly gateways: readonly Gateway[];
  /** Since when (ms since 1970) this service hears at all; before, silence was its own. */
  readonly hearing: number | undefined;
  readonly watchers: Pick<Watchers, "placesOf">;
  readonly directory: Pick<PlaceDirectory, "byCode" | "within">;
  /** ms since 1970 */
  readonly now: number;
}

/** What holds of rules about gateways. While the service does not hear anybody itself, nothing is said of any. */
export function judgeGateways(rules: readonly AlertRule[], facts: GatewayFacts): Judgement[] {
  const { gateways, hearing } = facts;
  return rules.map((rule) => {
    if (hearing === undefined) return { rule, findings: [], excused: () => true };
    const here = gateways.filter(({ agent }) => isIn(facts, rule.place, agent));
    const findings = here.flatMap((gateway) => findingOf(rule, gateway, hearing, facts) ?? []);
    return { rule, findings };
  });
}

function isIn({ watchers, directory }: GatewayFacts, code: string | undefined, agent: string): boolean {
  if (code === undefined) return true;
  const place = directory.byCode(code);
  const within = new Set(place === undefined ? [] : directory.within(place.id));
  return watchers.placesOf(agent).some((id) => within.has(id));
}

function findingOf(rule: AlertRule, gateway: Gateway, hearing: number, facts: GatewayFacts): Finding | undefined {
  if (rule.when.on !== "gateway") return undefined;
  const { agent, name, state, since, heardAt, trouble } = gateway;
  const { now, watchers } = facts;
  const about = {
    subject: agent,
    judged: now,
    what: name === agent ? agent : `${name} (${agent})`,
    places: watchers.placesOf(agent),
  };
  const links = [{ name: "Gateways", href: "/gateways" }];
  if (rule.when.is === "dark") {
    if (state !== "offline") return undefined;
    // A connection that hangs ends long after it was of use: it is dark since it was heard last.
    const began = Date.parse(heardAt ?? since ?? isoMs(now));
    const says = heardAt === null ? "It was never heard" : `It was heard last at ${heardAt}`;
    return { ...about, since: Math.max(began, hearing), began, evidence: { says, about: { agent }, links } };
  }
  if (trouble.length === 0 || state !== "online") return undefined;
  return { ...about, since: now, evidence: { says: `It says: ${trouble.join("; ")}`, about: { agent }, links } };
}

/** Rows put aside, by the follower that could not handle them. */
export function judgeParked(rules: readonly AlertRule[], groups: readonly ParkedGroup[], now: number): Judgement[] {
  const followers = new Map<string, ParkedGroup & { readonly first: Date }>();
  for (const group of groups) {
    const before = followers.get(group.follower);
    if (before === undefined) followers.set(group.follower, group);
    else {
      const first = group.first < before.first ? group.first : before.first;
      followers.set(group.follower, { ...before, first, count: before.count + group.count });
    }
  }
  const findings = [...followers.values()].map(({ follower, count, first, error }) => ({
    subject: follower,
    since: first.getTime(),
    judged: now,
    what: `${count} rows of the follower ${follower}`,
    places: [],
    evidence: {
      says: `Since ${isoMs(first.getTime())}: ${error}`,
      value: count,
      about: { follower },
      links: [{ name: "Put aside", href: "/gateways" }],
    },
  }));
  return rules.map((rule) => ({ rule, findings }));
}
