import {
  ItemDetail,
  ItemImport,
  ItemImportResult,
  ItemPage,
  ItemQuery,
  KindPage,
  KindQuery,
  KindRules,
  NewItem,
  TroubleCounts,
  Uuid,
} from "@storeward/contracts";
import type { Clock } from "@storeward/runtime";
import { Type } from "typebox";
import type { Database } from "../database/index.js";
import { type Routes, sourceOf } from "../http/index.js";
import type { ItemCards, PlaceWatch, PreliminaryPlaces, WhereAbouts } from "../locations/index.js";
import type { PlaceDirectory } from "../places/index.js";
import type { TagActs } from "../tags/index.js";
import { findItems } from "./find-items.js";
import { Importer } from "./importer.js";
import { itemDetail } from "./item-detail.js";
import { kindRules, setKindRules } from "./kind-rules.js";
import { kinds } from "./kinds.js";
import { Troubles } from "./troubles.js";

export interface CatalogRoutesDeps {
  readonly db: Database;
  readonly places: PlaceDirectory;
  readonly whereabouts: WhereAbouts;
  readonly cards: ItemCards;
  readonly acts: TagActs;
  readonly preliminary: PreliminaryPlaces;
  readonly watch: PlaceWatch;
  readonly clock?: Clock;
}

/** `/items` and `/kinds`; an item's history and tags are told by those who know them. */
export const routes =
  ({ db, places, whereabouts, cards, acts, preliminary, watch, clock }: CatalogRoutesDeps): Routes =>
  async (app) => {
    const importer = new Importer({ db, places, acts });
    const troubles = new Troubles({ places, whereabouts, watch, ...(clock && { clock }) });
    const find = { sql: db, places, whereabouts, cards, preliminary, troubles };
    const tags = ["items"];
    const config = { role: "administrator" } as const;

    app.get(
      "/items",
      { schema: { summary: "Finds items", tags, querystring: ItemQuery, response: { 200: ItemPage } } },
      async (request) => findItems(find, request.query),
    );
    app.get(
      "/items/troubles",
      {
        schema: {
          summary: "How many things are in a wrong place, or missing",
          description: "What is unknown because nobody watched is neither.",
          tags,
          response: { 200: TroubleCounts },
        },
      },
      async () => {
        const [wrong, missing] = await Promise.all([troubles.all(db, "wrong-place"), troubles.all(db, "missing")]);
        return { wrongPlace: wrong.length, missing: missing.length };
      },
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
    app.get(
      "/kinds/rules",
      { schema: { summary: "Where things of a kind may be and belong", tags, response: { 200: KindRules } } },
      async () => ({ rules: await kindRules(db, places) }),
    );
    app.put(
      "/kinds/rules",
      {
        config,
        schema: {
          summary: "Sets where things of these kinds may be and belong, all or none; other kinds stay as they are",
          tags,
          body: KindRules,
          response: { 200: KindRules },
        },
      },
      async (request) => {
        await db.transaction((tx) => setKindRules(tx, places, request.body.rules, sourceOf(request)));
        return { rules: await kindRules(db, places) };
      },
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
          summary: "A list of items, with rules of their kinds, whole or not at all",
          tags,
          body: ItemImport,
          response: { 200: ItemImportResult },
        },
      },
      async (request) => {
        const { items, rules = [], dryRun = false } = request.body;
        return importer.import(items, { rules, dryRun }, sourceOf(request));
      },
    );
  };
