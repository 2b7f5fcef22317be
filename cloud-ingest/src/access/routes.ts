import {
  CurrentSession,
  NewUser,
  Session,
  SignIn,
  UserAccount,
  UserChange,
  UserList,
  Uuid,
} from "@storeward/contracts";
import { Type } from "typebox";
import { type Routes, sourceOf } from "../http/index.js";
import type { Access } from "./access.js";
import { LONGEST_MS } from "./sessions.js";

export interface AccessRoutesDeps {
  readonly access: Access;
  /** Whether pages come over TLS: the cookie is then sent over nothing else. */
  readonly tls: boolean;
  /** Name of the session's cookie. */
  readonly cookie: string;
}

/** `/session` for everybody, `/users` for administrators. */
export const routes =
  ({ access, tls, cookie: name }: AccessRoutesDeps): Routes =>
  async (app) => {
    const cookie = { path: "/", httpOnly: true, sameSite: "strict", secure: tls } as const;
    const sessionTags = { tags: ["session"] };
    const userTags = { tags: ["users"] };
    const Nothing = Type.Null({ description: "done" });
    const byId = Type.Object({ id: Uuid });

    app.post(
      "/session",
      {
        config: { role: "public" },
        // Anybody may send one: the smallest that does.
        bodyLimit: 8 * 1024,
        schema: { ...sessionTags, summary: "Signs in", security: [], body: SignIn, response: { 200: Session } },
      },
      async (request, reply) => {
        const session = await access.signIn(request.body, { ...sourceOf(request), actor: "anonymous" });
        reply.setCookie(name, session.token, { ...cookie, maxAge: LONGEST_MS / 1000 });
        return session;
      },
    );
    app.get(
      "/session",
      { schema: { ...sessionTags, summary: "Who is signed in", response: { 200: CurrentSession } } },
      async (request) => ({ user: request.user }),
    );
    app.delete(
      "/session",
      { config: { role: "public" }, schema: { ...sessionTags, summary: "Signs out", response: { 204: Nothing } } },
      async (request, reply) => {
        const { signedIn, sessionToken } = request;
        if (signedIn !== undefined && sessionToken !== undefined)
          await access.signOut(sessionToken, signedIn, sourceOf(request));
        reply.clearCookie(name, cookie);
        return reply.code(204).send(null);
      },
    );

    const config = { role: "administrator" } as const;
    app.get(
      "/users",
      { config, schema: { ...userTags, summary: "Every user", response: { 200: UserList } } },
      async () => ({
        users: await access.users(),
      }),
    );
    app.post(
      "/users",
      { config, schema: { ...userTags, summary: "A new user", body: NewUser, response: { 201: UserAccount } } },
      async (request, reply) => reply.code(201).send(await access.create(request.body, sourceOf(request))),
    );
    app.patch(
      "/users/:id",
      {
        config,
        schema: {
          ...userTags,
          summary: "Changes or disables a user",
          params: byId,
          body: UserChange,
          response: { 200: UserAccount },
        },
      },
      async (request) => access.change(request.params.id, request.body, sourceOf(request)),
    );
  };
