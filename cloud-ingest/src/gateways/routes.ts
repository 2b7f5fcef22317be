import { type Gateway, GatewayList } from "@storeward/contracts";
import type { Sql } from "../database/index.js";
import type { Routes } from "../http/index.js";

export interface GatewayRoutesDeps {
  readonly sql: Sql;
  readonly gateways: { list(sql: Sql): Promise<Gateway[]> };
  /** What the database takes, and may take. */
  readonly storage: (sql: Sql) => Promise<GatewayList["storage"]>;
}

/** `GET /gateways`: the fleet with its health, and what is kept of what it says. */
export const routes =
  ({ sql, gateways, storage }: GatewayRoutesDeps): Routes =>
  async (app) => {
    app.get(
      "/gateways",
      { schema: { summary: "The gateways and their health", tags: ["gateways"], response: { 200: GatewayList } } },
      async () => {
        const [list, kept] = await Promise.all([gateways.list(sql), storage(sql)]);
        return { gateways: list, storage: kept };
      },
    );
  };
