export { cursorReader, encodeCursor } from "./cursor.js";
export { entityTag, isMet, type Precondition, Preconditions, preconditionOf } from "./precondition.js";
export { createHttp, type HttpOptions, HttpServer } from "./server.js";
export { sessionCookie, sourceOf } from "./source.js";
export type { Authenticator, Routes } from "./types.js";
