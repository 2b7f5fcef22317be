import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type {
  AlertCounts,
  GatewayList,
  Health,
  LiveEvent,
  LocationEvent,
  LocationList,
  PassageEvent,
} from "@storeward/contracts";
import type { Client } from "../api/client.js";
import { createLive } from "../api/live.js";
import { mergeGateway, moveCounts } from "../api/merge.js";
import { addArrival, addPassage, type FeedEntry } from "../feed/feed.js";
import { Whence } from "../feed/whence.js";
import { indexPlaces, type PlaceIndex } from "../places/place-index.js";
import type { TimeStyle } from "../time/words.js";
import { debounce } from "./debounce.js";

export type Connection =
  | { readonly state: "connecting" }
  | { readonly state: "live" }
  /** What is shown was true at `asOf`. */
  | { readonly state: "reconnecting"; readonly asOf: Date };

/** What the pages show, kept up to date while somebody is signed in. */
export interface World {
  readonly client: Client;
  readonly now: ReadonlySignal<Date>;
  readonly connection: ReadonlySignal<Connection>;
  readonly locations: ReadonlySignal<LocationList | null>;
  readonly places: ReadonlySignal<PlaceIndex | null>;
  readonly style: ReadonlySignal<TimeStyle>;
  readonly gateways: ReadonlySignal<GatewayList | null>;
  readonly health: ReadonlySignal<Health | null>;
  /** How many alerts are open. */
  readonly alerts: ReadonlySignal<AlertCounts | null>;
  readonly feed: ReadonlySignal<readonly FeedEntry[]>;
  /** The last load that failed, until one succeeds. */
  readonly failure: ReadonlySignal<unknown>;
  /** Counts up when what a page holds may have missed events and is to be fetched again. */
  readonly resync: ReadonlySignal<number>;
  /** Each returns the function that ends the listening. */
  onMove(listener: (event: LocationEvent) => void): () => void;
  onPassage(listener: (event: PassageEvent) => void): () => void;
  /** Something about alerts has changed. */
  onAlert(listener: () => void): () => void;
  refresh(): void;
  start(): void;
  stop(): void;
}

export interface WorldOptions {
  readonly client: Client;
  readonly now: Signal<Date>;
  readonly liveUrl: string;
}

/** Beyond this, the events missed may be more than the server keeps. */
const LONG_GAP_MS = 10_000;
/** An event is told up to so long after it was observed. */
const LIVE_DELAY_MS = 3_000;
const SHORT_GAP_MS = 2_000;
const REFRESH_MS = 30_000;

export function createWorld({ client, now, liveUrl }: WorldOptions): World {
  const connection = signal<Connection>({ state: "connecting" });
  const locations = signal<LocationList | null>(null);
  const gateways = signal<GatewayList | null>(null);
  const health = signal<Health | null>(null);
  const alerts = signal<AlertCounts | null>(null);
  const feed = signal<readonly FeedEntry[]>([]);
  const failure = signal<unknown>(null);
  const resync = signal(0);
  const moves = new Set<(event: LocationEvent) => void>();
  const passages = new Set<(event: PassageEvent) => void>();
  const alerted = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let running = false;
  let startedAt = 0;
  let lastSign = now.value;
  const whence = new Whence();
  let down: ReturnType<typeof setTimeout> | undefined;

  async function load<T>(from: () => Promise<T>, into: Signal<T | null>): Promise<boolean> {
    try {
      const got = await from();
      if (!running) return false;
      batch(() => {
        into.value = got;
        failure.value = null;
      });
      return true;
    } catch (error) {
      if (running) failure.value = error;
      return false;
    }
  }
  const loadLocations = () => load(() => client.locations(), locations);
  const recount = debounce(() => void loadLocations(), 1_500, 5_000);
  const loadAlerts = () => load(() => client.alertCounts(), alerts);
  const recountAlerts = debounce(() => void loadAlerts(), 300, 2_000);
  async function refresh() {
    const all = await Promise.all([
      loadLocations(),
      load(() => client.gateways(), gateways),
      load(() => client.health(), health),
      loadAlerts(),
    ]);
    if (all[0] && connection.peek().state === "live") lastSign = now.peek();
  }

  /** What happened before the page was opened is for the feed only: everything else was loaded after it. */
  const isPast = ({ data }: LiveEvent) => "observedAt" in data && Date.parse(data.observedAt) < startedAt;

  function onEvent(event: LiveEvent) {
    lastSign = now.peek();
    const past = isPast(event);
    batch(() => {
      if (event.type === "gateway") {
        if (gateways.value !== null) gateways.value = mergeGateway(gateways.value, event.data);
        return;
      }
      if (event.type === "alert") {
        recountAlerts();
        for (const listener of alerted) listener();
        return;
      }
      if (event.type === "passage") {
        feed.value = addPassage(feed.value, event.data);
        if (past) return;
        for (const listener of passages) listener(event.data);
        return;
      }
      const arrived = whence.resolve(event.data);
      if (arrived !== null) feed.value = addArrival(feed.value, arrived);
      if (past) return;
      if (locations.value !== null) locations.value = moveCounts(locations.value, event.data);
      for (const listener of moves) listener(event.data);
      recount();
    });
  }

  const live = createLive({
    url: liveUrl,
    onEvent,
    onOpen: () => {
      clearTimeout(down);
      down = undefined;
      const was = connection.peek();
      connection.value = { state: "live" };
      const gap = was.state === "reconnecting" ? now.peek().getTime() - was.asOf.getTime() : 0;
      lastSign = now.peek();
      if (gap > LONG_GAP_MS) {
        resync.value++;
        void refresh();
      }
    },
    onDown: () => {
      if (connection.peek().state !== "live" || down !== undefined) return;
      // The server ends a stream now and then, and the browser is back at once: that is no news.
      down = setTimeout(() => {
        connection.value = { state: "reconnecting", asOf: lastSign };
      }, SHORT_GAP_MS);
    },
    onReset: () => {
      resync.value++;
      void refresh();
    },
    mayRetry: () => loadLocations(),
  });

  return {
    client,
    now,
    connection,
    locations,
    gateways,
    health,
    alerts,
    feed,
    failure,
    resync,
    places: computed(() => (locations.value === null ? null : indexPlaces(locations.value))),
    style: computed(() => ({
      locale: locations.value?.site.locale ?? "en",
      timeZone: locations.value?.site.timeZone ?? "UTC",
    })),
    onMove: (listener) => listen(moves, listener),
    onPassage: (listener) => listen(passages, listener),
    onAlert: (listener) => listen(alerted, listener),
    refresh: () => void refresh(),
    start: () => {
      running = true;
      startedAt = now.peek().getTime() - LIVE_DELAY_MS;
      connection.value = { state: "connecting" };
      void refresh();
      live.start();
      timer = setInterval(() => void refresh(), REFRESH_MS);
    },
    stop: () => {
      running = false;
      clearInterval(timer);
      clearTimeout(down);
      down = undefined;
      recount.cancel();
      recountAlerts.cancel();
      live.stop();
      // The next one to sign in may be somebody else.
      batch(() => {
        locations.value = null;
        gateways.value = null;
        health.value = null;
        alerts.value = null;
        failure.value = null;
        feed.value = [];
        whence.clear();
      });
    },
  };
}

function listen<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
