import {
  ItemDetail,
  ItemImport,
  ItemImportResult,
  ItemPage,
  ItemQuery,
  KindPage,
  KindQuery,
  NewItem,
  Uuid,
} from "@storeward/contracts";
import { Type } from "typebox";
import type { Database } from "../database/index.js";
import { type Routes, sourceOf } from "../http/index.js";
import type { ItemCards, PreliminaryPlaces, WhereAbouts } from "../locations/index.js";
import type { PlaceDirectory } from "../places/index.js";
import type { TagActs } from "../tags/index.js";
import { findItems } from "./find-items.js";
import { Importer } from "./importer.js";
import { itemDetail } from "./item-detail.js";
import { kinds } from "./kinds.js";

export interface CatalogRoutesDeps {
  readonly db: Database;
  readonly places: PlaceDirectory;
  readonly whereabouts: WhereAbouts;
  readonly cards: ItemCards;
  readonly acts: TagActs;
  readonly preliminary: PreliminaryPlaces;
}

/** `/items` and `/kinds`; an item's history and tags are told by those who know them. */
export const routes =
  ({ db, places, whereabouts, cards, acts, preliminary }: CatalogRoutesDeps): Routes =>
  async (app) => {
    const importer = new Importer({ db, places, acts });
    const find = { sql: db, places, whereabouts, cards, preliminary };
    const tags = ["items"];
    const config = { role: "administrator" } as const;

    app.get(
      "/items",
      { schema: { summary: "Finds items", tags, querystring: ItemQuery, response: { 200: ItemPage } } },
      async (request) => findItems(find, request.query),
    );
    app.get(
      "/items/:id",
      { schema: { summary: "An item", tags, params: Type.Object({ id: Uuid }), response: { 200: ItemDetail } } },
      async (request) => itemDetail(find, request.params.id),
    );
    app.get(
      "/kinds",
      {
        schema: { summary: "How many of a kind are where", tags, querystring: KindQuery, response: { 200: KindPage } },
      },
      async (request) => kinds(find, request.query),
    );
    app.post(
      "/items",
      { config, schema: { summary: "A new item", tags, body: NewItem, response: { 201: ItemDetail } } },
      async (request, reply) => {
        const id = await importer.create(request.body, sourceOf(request));
        const detail = await itemDetail(find, id);
        return reply.code(201).header("location", detail.links.self).send(detail);
      },
    );
    app.post(
      "/items/import",
      {
        config,
        bodyLimit: 4 * 1024 * 1024,
        schema: {
          summary: "A list of items, whole or not at all",
          tags,
          body: ItemImport,
          response: { 200: ItemImportResult },
        },
      },
      async (request) => {
        const { items, dryRun = false } = request.body;
        return importer.import(items, { dryRun }, sourceOf(request));
      },
    );
  };
