import { TagAct, TagBindingList, Uuid } from "@storeward/contracts";
import { Type } from "typebox";
import type { Database } from "../database/index.js";
import { type Routes, sourceOf } from "../http/index.js";
import type { TagActs } from "./acts.js";
import { bindingsOf } from "./bindings.js";

export interface TagRoutesDeps {
  readonly db: Database;
  readonly acts: TagActs;
}

/** `POST /items/{id}/tags`. */
export const routes =
  ({ db, acts }: TagRoutesDeps): Routes =>
  async (app) => {
    app.post(
      "/items/:id/tags",
      {
        config: { role: "administrator" },
        schema: {
          summary: "Binds, replaces or retires a tag",
          tags: ["tags"],
          params: Type.Object({ id: Uuid }),
          body: TagAct,
          response: { 200: TagBindingList },
        },
      },
      async (request) => {
        const { id } = request.params;
        await db.transaction((tx) => acts.act(tx, id, request.body, sourceOf(request)));
        return { tags: await bindingsOf(db, id) };
      },
    );
  };
