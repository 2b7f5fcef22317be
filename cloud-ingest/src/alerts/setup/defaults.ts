import type { AlertRule } from "@storeward/contracts";

const MINUTE = 60;

/**
 * What a new house is warned of. A gateway sends something at least every 15 s and counts as dark after 45 s of silence, or at once when its
 * connection is cut: a minute after it was heard last there is an alert.
 */
export const DEFAULT_RULES: readonly AlertRule[] = [
  {
    id: "gateway-dark",
    title: "Gateway dark",
    severity: "critical",
    when: { on: "gateway", is: "dark" },
    lasts: MINUTE,
    advice:
      "Nothing that moves past its antennas is seen until it is back; what it journals meanwhile comes later. Look at its power, its network, and its status page.",
  },
  {
    id: "antenna-blind",
    title: "Antenna blind",
    severity: "warning",
    when: { on: "measurement", measurement: "antenna", field: "watching", below: 0.5 },
    lasts: 2 * MINUTE,
    advice: "What moves past it is not seen. Look at its cable, and at the reader.",
  },
  {
    id: "delay-long",
    title: "Observations come late",
    severity: "warning",
    when: { on: "measurement", measurement: "delay", field: "p95", above: MINUTE },
    lasts: 2 * MINUTE,
    advice: "Places are shown as they were. Look at its network, and at how many rows wait there.",
  },
  {
    id: "gap-declared",
    title: "Observations lost for good",
    severity: "critical",
    when: { on: "measurement", measurement: "gaps", field: "lost", minutes: 60, above: 0 },
    lasts: 0,
    advice: "Its storage was full or damaged. The gap is in its history; count what it watched.",
  },
  {
    id: "journal-forked",
    title: "Gateway's journal has forked",
    severity: "critical",
    when: { on: "gateway", is: "forked" },
    lasts: 0,
    advice:
      "It was restored from a copy, or two devices run with one identity. What it keeps is sent again and counted once; look whether another device has this identity, and enrol that one anew.",
  },
  {
    id: "equipment-left-area",
    title: "Equipment has left its area",
    severity: "warning",
    when: { on: "items", are: "wrong-place" },
    lasts: 0,
    advice: "It is where its kind may not be. Bring it back, or allow the place for its kind.",
  },
  {
    id: "on-hand-low",
    title: "Nothing on hand",
    severity: "warning",
    when: { on: "measurement", measurement: "occupancy", field: "items", by: ["kind"], below: 1 },
    lasts: 10 * MINUTE,
    advice: "Tagged units by what has settled. Untagged stock is not counted.",
  },
  {
    id: "rows-put-aside",
    title: "Observations were put aside",
    severity: "warning",
    when: { on: "service", is: "parked" },
    lasts: 0,
    advice: "The service could not handle them. See “put aside” on the page of the gateways.",
  },
];
