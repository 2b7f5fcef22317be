import { CloudProcessList } from "@storeward/contracts";
import type { Sql } from "../database/index.js";
import type { Routes } from "../http/index.js";
import type { Leases } from "./leases.js";

/** `GET /processes`: who shares the work, and how. */
export const routes =
  ({ sql, leases }: { readonly sql: Sql; readonly leases: Pick<Leases, "list"> }): Routes =>
  async (app) => {
    const schema = {
      summary: "The processes of the service, and which partitions each holds",
      tags: ["service"],
      response: { 200: CloudProcessList },
    };
    app.get("/processes", { config: { role: "administrator" }, schema }, async () => ({
      processes: await leases.list(sql),
    }));
  };
