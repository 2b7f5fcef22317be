import { Health } from "@storeward/contracts";
import type { Routes } from "./types.js";

/** How each part of the service is; a part that throws is degraded. */
export type HealthCheck = () => Promise<NonNullable<Health["parts"]>>;

/** `GET /health`: 503 when any part is degraded; which one is told to those who are signed in. */
export const healthRoutes =
  (check: HealthCheck): Routes =>
  async (app) => {
    const schema = {
      summary: "Whether the service works",
      tags: ["service"],
      security: [],
      response: { 200: Health, 503: Health },
    };
    app.get("/health", { config: { role: "public" }, schema }, async (request, reply) => {
      const parts = await check();
      const isDegraded = Object.values(parts).some(({ status }) => status === "degraded");
      const status = isDegraded ? "degraded" : "ok";
      return reply.code(isDegraded ? 503 : 200).send(request.signedIn === undefined ? { status } : { status, parts });
    });
  };
