import type { ServerResponse } from "node:http";
import { defineErrors } from "@storeward/runtime";
import { type Static, Type } from "typebox";
import type { Routes } from "../http/index.js";
import type { LiveHub } from "./hub.js";
import type { Outlet } from "./listener.js";

const E = defineErrors({
  LIVE_FULL: { template: "No more listeners can be taken now", status: 503, retryable: true },
});

const Position = Type.String({ pattern: "^[0-9]{1,15}$", description: "the id of the last event received" });
const LiveQuery = Type.Object({ lastEventId: Type.Optional(Position) }, { additionalProperties: false });

/** `GET /live`: server-sent events. */
export const routes =
  ({ live }: { readonly live: LiveHub }): Routes =>
  async (app) => {
    // Streams last for hours: they end before the server waits for its requests.
    app.addHook("preClose", async () => live.closeAll());
    app.get(
      "/live",
      {
        schema: {
          summary: "What happens, as server-sent events",
          description:
            "Events `location`, `passage` and `gateway`, each with its position as id. Resumes after `Last-Event-ID` or `lastEventId`; an event " +
            "`reset` says that too much was missed, and that everything is to be loaded anew.",
          tags: ["live"],
          querystring: LiveQuery,
        },
      },
      async (request, reply) => {
        if (live.full) throw E.LIVE_FULL();
        const { lastEventId } = request.query as Static<typeof LiveQuery>;
        const header = request.headers["last-event-id"];
        const after = typeof header === "string" && /^[0-9]{1,15}$/.test(header) ? header : lastEventId;
        reply.hijack();
        const { raw } = reply;
        request.raw.socket.setNoDelay(true);
        request.raw.setTimeout(0);
        const headers = Object.fromEntries(
          Object.entries(reply.getHeaders()).filter((entry): entry is [string, string] => entry[1] !== undefined),
        );
        raw.writeHead(200, {
          ...headers,
          "content-type": "text/event-stream; charset=utf-8",
          "cache-control": "no-store, no-transform",
          "x-accel-buffering": "no",
        });
        void live.listen(outletOf(raw), after === undefined ? undefined : Number(after));
      },
    );
  };

function outletOf(raw: ServerResponse): Outlet {
  return {
    write: (text) => void raw.write(text),
    end: () => void raw.end(),
    destroy: () => void raw.destroy(),
    get unsent() {
      return raw.writableLength;
    },
    onClose: (run) => void raw.once("close", run),
    drained: () => {
      if (!raw.writableNeedDrain || raw.destroyed) return Promise.resolve();
      return new Promise((resolve) => {
        const done = (): void => {
          raw.off("drain", done);
          raw.off("close", done);
          resolve();
        };
        raw.on("drain", done);
        raw.on("close", done);
      });
    },
  };
}
