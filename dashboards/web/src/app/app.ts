import { batch, type Signal, signal } from "@preact/signals";
import type { User } from "@storeward/contracts";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { type Client, createClient } from "../api/client.js";
import { ApiError } from "../api/problem.js";
import { createClock } from "./clock.js";
import { createNavigation, type Navigation } from "./navigation.js";
import { remembered } from "./preferences.js";
import { createWorld, type World } from "./world.js";

export type SessionState =
  | { readonly state: "checking" }
  /** `failure`: it could not be found out who is signed in. */
  | { readonly state: "unreachable"; readonly failure: unknown }
  | { readonly state: "out"; readonly ended: boolean }
  | { readonly state: "in"; readonly user: User };

/** Everything the pages need, put together once. */
export interface App {
  readonly client: Client;
  readonly world: World;
  readonly navigation: Navigation;
  readonly session: Signal<SessionState>;
  /** The place the reader says to be at; remembered. */
  readonly here: Signal<string | null>;
  /** A sentence said once, after something was done. */
  readonly notice: Signal<string | null>;
  signedIn(user: User): void;
  signOut(): Promise<void>;
  check(): Promise<void>;
  start(): void;
  stop(): void;
}

export function createApp(): App {
  const clock = createClock();
  const navigation = createNavigation();
  const session = signal<SessionState>({ state: "checking" });
  const notice = signal<string | null>(null);

  const ended = (was: boolean) => {
    world.stop();
    batch(() => {
      session.value = { state: "out", ended: was };
      notice.value = null;
    });
  };
  const client = createClient({
    fetch: (input, init) => fetch(input, init),
    onSignedOut: () => {
      if (session.peek().state === "in") ended(true);
    },
    onServerTime: clock.onServerTime,
  });
  const world = createWorld({ client, now: clock.now, liveUrl: "/api/v1/live" });

  const signedIn = (user: User) => {
    session.value = { state: "in", user };
    world.start();
  };
  const check = async () => {
    try {
      signedIn((await client.session()).user);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) ended(false);
      else session.value = { state: "unreachable", failure: error };
    }
  };
  return {
    client,
    world,
    navigation,
    session,
    notice,
    here: remembered("storeward.here"),
    signedIn,
    check,
    signOut: async () => {
      // Signed out here in any case; a server that cannot be reached ends the session when it expires.
      await client.signOut().catch(() => undefined);
      ended(false);
    },
    start: () => {
      clock.start();
      navigation.start();
      void check();
    },
    stop: () => {
      world.stop();
      navigation.stop();
      clock.stop();
    },
  };
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error("useApp is for what is rendered under AppContext");
  return app;
}
