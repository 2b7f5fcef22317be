import { TagAct, TagBindingList, UnknownTagPage, UnknownTagQuery, Uuid } from "@storeward/contracts";
import { Type } from "typebox";
import type { Database } from "../database/index.js";
import { type Routes, sourceOf } from "../http/index.js";
import type { PlaceDirectory } from "../places/index.js";
import type { TagActs } from "./acts.js";
import { bindingsOf } from "./bindings.js";
import { unknownTags } from "./unknown-tags.js";

export interface TagRoutesDeps {
  readonly db: Database;
  readonly acts: TagActs;
  readonly places: PlaceDirectory;
}

/** `GET /tags/unknown` and `POST /items/{id}/tags`. */
export const routes =
  ({ db, acts, places }: TagRoutesDeps): Routes =>
  async (app) => {
    const tags = ["tags"];
    const placeOf = (readPoint: string) => {
      const point = places.readPoint(readPoint);
      if (point === undefined) return null;
      return places.byId(point.role === "shelf" ? point.placeId : point.insideId) ?? null;
    };
    app.get(
      "/tags/unknown",
      {
        schema: {
          summary: "Tags that are seen and on no item",
          tags,
          querystring: UnknownTagQuery,
          response: { 200: UnknownTagPage },
        },
      },
      async (request) => unknownTags(db, placeOf, request.query),
    );
    app.post(
      "/items/:id/tags",
      {
        config: { role: "administrator" },
        schema: {
          summary: "Binds, replaces or retires a tag",
          tags,
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
