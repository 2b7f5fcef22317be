import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { Role, User } from "@storeward/contracts";

/** Who may call a route: `config: { role }`. A viewer's route is open to administrators too. */
export type RequiredRole = Role | "public";

declare module "fastify" {
  interface FastifyContextConfig {
    /** "viewer" where absent. */
    role?: RequiredRole;
  }
  interface FastifyRequest {
    /** Who is signed in; throws on a public route without a session. */
    readonly user: User;
    /** Who is signed in, if anybody: for public routes. */
    readonly signedIn: User | undefined;
    /** The session's token as sent, by header or cookie. */
    readonly sessionToken: string | undefined;
  }
}

/**
 * The routes of a capability, registered by `app.ts` under `/api/v1`, each with TypeBox schemas of `@storeward/contracts`:
 *
 *     export const routes = (deps: Deps): Routes => async (app) => {
 *       app.get("/gateways", { schema: { response: { 200: GatewayList } } }, async () => …);
 *     };
 *
 * What goes wrong is thrown as an error of a catalogue and answered as problem details.
 */
export type Routes = FastifyPluginAsyncTypebox;

/** Tells whose session a token is, moving its expiry on; undefined for none. */
export interface Authenticator {
  authenticate(token: string): Promise<User | undefined>;
}
