import { statSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type KnownPaths, pathOf } from "./refusals.js";

/**
 * The web app from `folder`, looked at with every request, so that it may be built while the service runs. A path that is no file is the
 * app's own: it gets `index.html`. Paths under `/api` are refused by `known`.
 */
export async function webApp(app: FastifyInstance, folder: string | undefined, known: KnownPaths): Promise<void> {
  if (folder !== undefined) await app.register(fastifyStatic, { serve: false, root: folder, setHeaders: cacheHeaders });
  app.get("/*", { schema: { hide: true } }, (request, reply) => {
    if (isApi(request)) return known.refuse(request, reply);
    if (folder === undefined || !isFile(join(folder, "index.html"))) return notBuilt(reply);
    const path = decodeURIComponent(pathOf(request)).slice(1);
    if (path !== "" && isFileWithin(folder, path)) return reply.sendFile(path);
    // A missing script must not be answered with a page.
    return LOOKS_LIKE_FILE.test(path) ? known.refuse(request, reply) : reply.sendFile("index.html");
  });
  app.setNotFoundHandler((request, reply) => known.refuse(request, reply));
}

const LOOKS_LIKE_FILE = /\.[A-Za-z0-9]{1,8}$/;

function isApi(request: FastifyRequest): boolean {
  return /^\/api(\/|$)/.test(pathOf(request));
}

function isFileWithin(folder: string, path: string): boolean {
  const file = resolve(folder, path);
  return !path.includes("\0") && file.startsWith(resolve(folder) + sep) && isFile(file);
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The build writes a hash into the names under `assets/`. */
function cacheHeaders(reply: FastifyReply, path: string): void {
  const lasting = /[\\/]assets[\\/]/.test(path);
  reply.header("cache-control", lasting ? "public, max-age=31536000, immutable" : "no-cache");
}

function notBuilt(reply: FastifyReply): FastifyReply {
  return reply
    .code(503)
    .type("text/html; charset=utf-8")
    .header("cache-control", "no-store")
    .send(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Storeward</title>
<h1>The page has not been built</h1>
<p>Run <code>npm run build</code> in the folder of the sources, and load this page again.</p>
<p>The API works all the same: <a href="/api/docs">its description</a>, <a href="/api/v1/health">its health</a>.</p>
</html>`);
}
