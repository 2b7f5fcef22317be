import {
  Code,
  Command,
  GatewayCommand,
  GatewayCommandList,
  GatewayConfiguration,
  RemoteConfiguration,
} from "@storeward/contracts";
import { Type } from "typebox";
import type { Sql } from "../../database/index.js";
import { type Routes, sourceOf } from "../../http/index.js";
import type { DeviceCommands } from "./commands.js";
import type { Configurations } from "./configurations.js";

export interface DeviceRoutesDeps {
  readonly sql: Sql;
  readonly configurations: Configurations;
  readonly commands: DeviceCommands;
}

/** `/gateways/{agent}/config` and `/gateways/{agent}/commands`, for administrators. */
export const deviceRoutes =
  ({ sql, configurations, commands }: DeviceRoutesDeps): Routes =>
  async (app) => {
    const config = { role: "administrator" } as const;
    const common = { tags: ["gateways"], params: Type.Object({ agent: Code }) };
    app.get(
      "/gateways/:agent/config",
      {
        config,
        schema: { ...common, summary: "What a gateway is to run with", response: { 200: GatewayConfiguration } },
      },
      async (request) => configurations.get(sql, request.params.agent),
    );
    app.put(
      "/gateways/:agent/config",
      {
        config,
        schema: {
          ...common,
          summary: "Sets what a gateway is to run with; it tries it, and says whether it holds",
          body: RemoteConfiguration,
          response: { 200: GatewayConfiguration },
        },
      },
      async (request) => configurations.set(request.params.agent, request.body, sourceOf(request)),
    );
    app.get(
      "/gateways/:agent/commands",
      {
        config,
        schema: { ...common, summary: "What it was asked, with the answers", response: { 200: GatewayCommandList } },
      },
      async (request) => ({ commands: await commands.list(sql, request.params.agent) }),
    );
    app.post(
      "/gateways/:agent/commands",
      {
        config,
        schema: {
          ...common,
          summary: "Asks a gateway to restart a driver, take an inventory, or send its log",
          body: Command,
          response: { 201: GatewayCommand },
        },
      },
      async (request, reply) =>
        reply.code(201).send(await commands.ask(request.params.agent, request.body, sourceOf(request))),
    );
  };
