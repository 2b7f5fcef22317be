/** Who does something, over which request. */
export interface AuditSource {
  /** The user's name; "system" for what the service does by itself; "anonymous" before a sign-in. */
  readonly actor: string;
  readonly ip: string | null;
  readonly requestId: string | null;
}

/** One line of the audit. Carries tag numbers and never EPCs or passwords: it cannot be erased. */
export interface AuditEntry extends AuditSource {
  /** Subject and verb, such as "tag.bound" or "session.refused". */
  readonly action: string;
  /** What it was done to, such as "item:0198…". */
  readonly subject: string;
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}
