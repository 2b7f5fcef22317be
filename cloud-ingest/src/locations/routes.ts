import { ItemEvidence, StayPage, Timestamp, UnknownTagPage, UnknownTagQuery, Uuid } from "@storeward/contracts";
import { type Clock, defineErrors, systemClock } from "@storeward/runtime";
import { Type } from "typebox";
import type { Sql } from "../database/index.js";
import type { Routes } from "../http/index.js";
import { type EvidenceOfDeps, evidenceOf } from "./evidence-of.js";
import { historyAsOf, historyOf } from "./history.js";
import type { ItemCards } from "./types.js";
import { unknownTags } from "./unknown-tags.js";

const E = defineErrors({ ITEM_UNKNOWN: { template: "There is no such item", status: 404 } });

const HistoryQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 20 })),
    cursor: Type.Optional(Timestamp),
    asOf: Type.Optional(Timestamp),
  },
  { additionalProperties: false },
);

const EvidenceQuery = Type.Object(
  {
    at: Type.Optional(Timestamp),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 30 })),
  },
  { additionalProperties: false },
);

export interface LocationRoutesDeps extends EvidenceOfDeps {
  readonly sql: Sql;
  readonly cards: ItemCards;
  readonly clock?: Clock;
}

/** `GET /items/{id}/history`, `GET /items/{id}/evidence` and `GET /tags/unknown` */
export const routes =
  ({ sql, cards, clock = systemClock, ...deps }: LocationRoutesDeps): Routes =>
  async (app) => {
    const { directory } = deps;
    const mustExist = async (id: string) => {
      if (!(await cards.cards(sql, [id])).has(id)) throw E.ITEM_UNKNOWN();
    };
    const placeOf = (readPoint: string) => {
      const point = directory.readPoint(readPoint);
      if (point === undefined) return null;
      return directory.byId(point.role === "shelf" ? point.placeId : point.insideId) ?? null;
    };
    app.get(
      "/tags/unknown",
      {
        schema: {
          summary: "Tags that are seen and on no item",
          tags: ["tags"],
          querystring: UnknownTagQuery,
          response: { 200: UnknownTagPage },
        },
      },
      async (request) => unknownTags(sql, placeOf, request.query),
    );
    app.get(
      "/items/:id/history",
      {
        schema: {
          summary: "Where an item has been, newest first, with the observations that say so",
          description:
            "As known now, with what was said before where that was corrected. With `asOf`: as it was known then, by what had been told of settled stays.",
          tags: ["items"],
          params: Type.Object({ id: Uuid }),
          querystring: HistoryQuery,
          response: { 200: StayPage },
        },
      },
      async ({ params: { id }, query: { limit = 20, cursor, asOf } }) => {
        await mustExist(id);
        if (asOf !== undefined) return historyAsOf(sql, directory, id, { limit, cursor, asOf });
        return historyOf(sql, directory, id, { limit, cursor });
      },
    );
    app.get(
      "/items/:id/evidence",
      {
        schema: {
          summary: "What it rests on that an item is where it is, or was at a moment",
          description:
            "Every observation with what it did to the belief, found by running over the evidence again; what was blind since, and what that has left. As known now, whatever was said then.",
          tags: ["items"],
          params: Type.Object({ id: Uuid }),
          querystring: EvidenceQuery,
          response: { 200: ItemEvidence },
        },
      },
      async ({ params: { id }, query: { at, limit = 30 } }) => {
        await mustExist(id);
        const now = clock.wall();
        return evidenceOf(sql, deps, id, { at: at === undefined ? now : Date.parse(at), now, limit });
      },
    );
  };
