import type { User } from "@storeward/contracts";
import { createLogger } from "@storeward/runtime";
import { createHttp } from "../http/index.js";
import { routes } from "./index.js";
import type { LocatedSite } from "./testing.js";
import type { Blindness } from "./types.js";
import { Whereabouts } from "./whereabouts.js";

const VIEWER: User = { id: "0198c0de-0000-7000-8000-00000000000a", username: "viewer", role: "viewer" };
const ALWAYS_WATCHED: Blindness = { blindSeconds: async (_, asked) => asked.map(() => 0) };

export interface LocationApi {
  get(path: string): Promise<{ readonly status: number; readonly body: unknown }>;
  close(): Promise<void>;
}

/** The routes of locations over HTTP, as a viewer asks them. */
export async function locationApi(site: LocatedSite, blindness: Blindness = ALWAYS_WATCHED): Promise<LocationApi> {
  const deps = { directory: site.places, blindness };
  const app = await createHttp({
    listen: { host: "127.0.0.1", port: 0 },
    log: createLogger("test", { level: "silent" }),
    version: "1",
    authenticator: { authenticate: async () => VIEWER },
    routes: [routes({ sql: site.sql, cards: site.cards, whereabouts: new Whereabouts(deps), ...deps })],
    health: async () => ({}),
  });
  return {
    get: async (path) => {
      const answer = await app.inject({ url: `/api/v1${path}`, headers: { authorization: "Bearer x" } });
      return { status: answer.statusCode, body: answer.json() };
    },
    close: async () => {
      await app.close();
    },
  };
}
