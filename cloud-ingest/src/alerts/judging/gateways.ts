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

/** What holds of rules about gateways. While the service does not hear anybody itself, nothing is said of who is silent or in trouble. */
export function judgeGateways(rules: readonly AlertRule[], facts: GatewayFacts): Judgement[] {
  const { gateways, hearing } = facts;
  return rules.map((rule) => {
    const here = gateways.filter(({ agent }) => isIn(facts, rule.place, agent));
    if (rule.when.on === "gateway" && rule.when.is === "forked")
      return { rule, findings: here.flatMap((gateway) => forkOf(gateway, facts) ?? []) };
    if (hearing === undefined) return { rule, findings: [], excused: () => true };
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
  const { agent, state, since, heardAt, trouble } = gateway;
  const { now } = facts;
  const about = aboutOf(gateway, facts);
  const links = [GATEWAYS];
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

/** As an agent names it among its problems, for a day. */
const HAS_FORKED = "JOURNAL_HAS_FORKED";

/**
 * A fork: as the gateway declares it, which names both lives of the journal, or as it was found here, before that is told. What was declared
 * stays so until the gateway is heard and says it no more.
 */
function forkOf(gateway: Gateway, facts: GatewayFacts): Finding | undefined {
  const { agent, telemetry, forkedAt } = gateway;
  const declared = telemetry?.problems?.find(({ code }) => code === HAS_FORKED);
  if (declared === undefined && forkedAt === null) return undefined;
  const found = `At ${forkedAt} it sent rows of another life of its journal than the one that is here`;
  const says = declared === undefined ? found : `It says: ${declared.text}`;
  return {
    ...aboutOf(gateway, facts),
    since: forkedAt === null ? facts.now : Date.parse(forkedAt),
    evidence: { says, about: { agent }, links: [GATEWAYS] },
  };
}

const GATEWAYS = { name: "Gateways", href: "/gateways" };

function aboutOf({ agent, name }: Gateway, { now, watchers }: GatewayFacts) {
  const what = name === agent ? agent : `${name} (${agent})`;
  return { subject: agent, judged: now, what, places: watchers.placesOf(agent) };
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
