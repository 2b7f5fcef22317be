import { StayPage, Timestamp, Uuid } from "@storeward/contracts";
import { defineErrors } from "@storeward/runtime";
import { Type } from "typebox";
import type { Sql } from "../database/index.js";
import type { Routes } from "../http/index.js";
import type { PlaceDirectory } from "../places/index.js";
import { historyOf } from "./history.js";
import type { ItemCards } from "./types.js";

const E = defineErrors({ ITEM_UNKNOWN: { template: "There is no such item", status: 404 } });

const HistoryQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 20 })),
    cursor: Type.Optional(Timestamp),
  },
  { additionalProperties: false },
);

export interface LocationRoutesDeps {
  readonly sql: Sql;
  readonly directory: PlaceDirectory;
  readonly cards: ItemCards;
}

/** `GET /items/{id}/history` */
export const routes =
  ({ sql, directory, cards }: LocationRoutesDeps): Routes =>
  async (app) => {
    app.get(
      "/items/:id/history",
      {
        schema: {
          summary: "Where an item has been, newest first, with the observations that say so",
          tags: ["items"],
          params: Type.Object({ id: Uuid }),
          querystring: HistoryQuery,
          response: { 200: StayPage },
        },
      },
      async ({ params: { id }, query: { limit = 20, cursor } }) => {
        if (!(await cards.cards(sql, [id])).has(id)) throw E.ITEM_UNKNOWN();
        return historyOf(sql, directory, id, { limit, cursor });
      },
    );
  };
