import type { Vec3 } from "../radio/vector.js";
import type { Point } from "./geometry.js";

/* The whole truth as plain data: written to the state file as it is, and taken up again. Times are wall milliseconds. */

export interface Thing {
  readonly epc: string;
  readonly kind: string;
  readonly home: string;
  /** Whether it is one of `items.csv`. */
  readonly listed: boolean;
  /** A room or a board; while carried, the room that its carrier is in. */
  place: string;
  position: Vec3;
  /** Of its tag's dipole, while carried as seen by the carrier. */
  axis: Vec3;
  /** Since when it is in the observable place. */
  since: number;
  carrier: number | undefined;
  /** Somebody is on the way to it. */
  reserved: boolean;
  /** Until when it stays parked in a doorway. */
  parkedUntil: number | undefined;
}

/** One step of what a person is about to do. */
export type Action =
  | { readonly do: "walk"; readonly to: Point; readonly crosses?: Crossing }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "take"; readonly epcs: readonly string[] }
  | { readonly do: "put"; readonly place: string; readonly at?: Point; readonly parkMs?: number };

/** Done at the end of the walk. */
export interface Crossing {
  readonly into: string;
  readonly readPoint?: string;
  readonly direction?: "in" | "out";
}

export interface Person {
  readonly id: number;
  readonly badge: string | undefined;
  room: string;
  at: Point;
  /** Where the person looks, a unit vector. */
  heading: Point;
  /** m/s, of the present task. */
  pace: number;
  plan: Action[];
  /** Of the present wait. */
  waitedMs: number;
  carrying: string[];
}

export interface Passage {
  readonly at: number;
  readonly readPoint: string;
  readonly direction: "in" | "out";
  readonly epcs: readonly string[];
}

export interface Errand {
  readonly epc: string;
  readonly to: string;
  /** To be left a metre inside this portal. */
  readonly readPoint?: string;
}

export interface HospitalState {
  readonly version: 1;
  readonly seed: number;
  /** Steps made so far: the simulated time. */
  step: number;
  /** Of the stream of people's decisions. */
  random: number;
  things: Thing[];
  people: Person[];
  passages: Passage[];
  errands: Errand[];
}
