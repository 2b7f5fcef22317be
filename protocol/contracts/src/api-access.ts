import { type Static, Type } from "typebox";
import { Role, User } from "./api.js";
import { Next, paged } from "./api-shapes.js";
import { Timestamp } from "./identity.js";
import { closed, nullable } from "./shapes.js";

/* Users and the audit, as the API under `/api/v1` speaks of them. Administrators only. */

const Username = Type.String({
  pattern: "^[A-Za-z0-9](?:[A-Za-z0-9._@-]{0,118}[A-Za-z0-9])?$",
  description: "1 to 120 of letters, digits and inner . _ @ -; case does not count",
});
const Password = Type.String({ minLength: 12, maxLength: 500 });

export const UserAccount = closed({
  ...User.properties,
  disabled: Type.Boolean(),
  createdAt: Timestamp,
  signedInAt: nullable(Timestamp),
});
export type UserAccount = Static<typeof UserAccount>;
export const UserList = closed({ users: Type.Array(UserAccount) });

export const NewUser = closed({ username: Username, password: Password, role: Role });
export type NewUser = Static<typeof NewUser>;

/** A new password, or being disabled, ends every session of the user. */
export const UserChange = closed({
  password: Type.Optional(Password),
  role: Type.Optional(Role),
  disabled: Type.Optional(Type.Boolean()),
});
export type UserChange = Static<typeof UserChange>;

export const AuditLine = closed({
  pos: Type.Integer({ minimum: 1 }),
  at: Timestamp,
  actor: Type.String(),
  action: Type.String(),
  subject: Type.String(),
  detail: Type.Record(Type.String(), Type.Unknown()),
  ip: nullable(Type.String()),
  requestId: nullable(Type.String()),
});
export type AuditLine = Static<typeof AuditLine>;
/** The latest first. */
export const AuditQuery = closed({
  actor: Type.Optional(Type.String({ maxLength: 120 })),
  action: Type.Optional(Type.String({ maxLength: 60, description: "an action, or its beginning up to a dot: tag" })),
  subject: Type.Optional(Type.String({ maxLength: 200 })),
  from: Type.Optional(Timestamp),
  to: Type.Optional(Timestamp),
  ...paged(100),
});
export const AuditPage = closed({ lines: Type.Array(AuditLine), next: Next });
export type AuditPage = Static<typeof AuditPage>;
