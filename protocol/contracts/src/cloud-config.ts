import { type Static, Type } from "typebox";
import { RandomId } from "./identity.js";
import { closed } from "./shapes.js";

const Port = (fallback: number) => Type.Integer({ minimum: 1, maximum: 65535, default: fallback });
const Host = Type.String({ default: "127.0.0.1", description: "address to listen on" });
const File = (description: string) => Type.String({ minLength: 1, description });
const Tls = Type.Optional(closed({ certFile: File("PEM certificate chain"), keyFile: File("PEM private key") }));
const Insecure = Type.Optional(
  Type.Boolean({ description: "allow plain text beyond this machine; warned about at every start" }),
);

/** One account of the broker: an agent reaches its own topics only, the cloud all of them. */
export const BrokerAccount = closed({
  username: Type.String({ minLength: 1, maxLength: 120 }),
  role: Type.Enum(["agent", "cloud"]),
  /** argon2id hash of the password. */
  passwordHash: Type.String({ pattern: "^\\$argon2id\\$", maxLength: 300 }),
});
/** The broker's access rules, as `storeward-provision` writes them. */
export const BrokerAccounts = closed({ accounts: Type.Array(BrokerAccount, { maxItems: 10_000 }) });
export type BrokerAccounts = Static<typeof BrokerAccounts>;

const SeriesName = Type.Optional(
  Type.String({ pattern: "^[a-z0-9-]{1,40}$", description: "what health and logs call it; its kind where absent" }),
);
const SeriesUrl = Type.String({ pattern: "^https?://[^\\s]+$", description: "where it answers" });
const InfluxName = Type.String({ pattern: "^[A-Za-z0-9_.-]{1,60}$" });
const Outside = {
  name: SeriesName,
  url: SeriesUrl,
  insecure: Insecure,
  caFile: Type.Optional(File("PEM of the authority that signed it")),
};
const KeepDays = Type.Optional(
  Type.Integer({
    minimum: 1,
    maximum: 36_500,
    description: "days that it keeps what it is given; for ever where absent",
  }),
);

/** A place for time series. Each is written by itself: one that is away holds up no other, and is given everything once it is back. */
export const SeriesTarget = Type.Union([
  closed({ kind: Type.Literal("database"), name: SeriesName }),
  closed({
    kind: Type.Literal("influx1"),
    ...Outside,
    database: InfluxName,
    username: Type.Optional(Type.String({ minLength: 1 })),
    passwordFile: Type.Optional(File("its password, mode 0600")),
    retentionPolicy: Type.Optional(InfluxName),
    keepDays: KeepDays,
    shardHours: Type.Optional(Type.Integer({ minimum: 1, maximum: 8760, description: "hours a shard holds" })),
  }),
  closed({
    kind: Type.Literal("influx2"),
    ...Outside,
    org: Type.String({ minLength: 1, maxLength: 120 }),
    bucket: InfluxName,
    tokenFile: File("token that may read and write the bucket, mode 0600"),
    keepDays: KeepDays,
  }),
]);
export type SeriesTarget = Static<typeof SeriesTarget>;

/** `cloud.yaml`: one cloud process. Paths are relative to the file. */
export const CloudConfig = closed({
  data: File("folder of the embedded database and of what the service keeps"),
  /** Random id of the ledger; kept in the database too, and a start refuses when they differ. */
  ledger: RandomId,
  site: File("site.yaml, the description of the site"),
  configKeyFile: Type.Optional(File("private key that signs configurations and commands of agents, mode 0600")),
  http: closed({ host: Host, port: Port(8080), tls: Tls, insecure: Insecure }, { default: {} }),
  broker: closed(
    {
      /** Present: an outside broker; absent: the embedded one. */
      url: Type.Optional(
        Type.String({ pattern: "^mqtts?://[^\\s]+$", description: "an outside broker instead of the embedded one" }),
      ),
      host: Host,
      port: Port(1883),
      tls: Tls,
      insecure: Insecure,
      accounts: Type.Optional(File("broker accounts, as storeward-provision writes them")),
      username: Type.String({ default: "cloud" }),
      passwordFile: Type.Optional(File("password of the cloud's own account, mode 0600")),
      caFile: Type.Optional(File("PEM of the authority that signed an outside broker")),
    },
    { default: {} },
  ),
  database: closed(
    {
      url: Type.Optional(
        Type.String({ description: "PostgreSQL 15 or newer instead of the embedded one; better as DATABASE_URL" }),
      ),
      statementSeconds: Type.Integer({
        minimum: 5,
        maximum: 600,
        default: 20,
        description:
          "how long the database may take for a statement of ordinary work before the work is given up and tried again",
      }),
    },
    { default: {} },
  ),
  release: closed(
    {
      after: Type.Enum(["72h", "backup"], {
        default: "72h",
        description: "when agents may delete acknowledged rows: 72 h later, or once a backup holds them",
      }),
    },
    { default: {} },
  ),
  keep: closed(
    {
      days: Type.Integer({ minimum: 1, default: 400, description: "days of journal and history kept" }),
      maxBytes: Type.Optional(
        Type.Integer({
          minimum: 64 * 1024 * 1024,
          description: "bytes the database may take; the oldest days go first",
        }),
      ),
    },
    { default: {} },
  ),
  timeSeries: Type.Array(SeriesTarget, {
    minItems: 1,
    maxItems: 8,
    default: [{ kind: "database" }],
    description: "where time series are kept; the page reads them from the first",
  }),
  alerts: closed(
    {
      mail: Type.Optional(
        closed({
          host: Type.String({ minLength: 1, maxLength: 253, description: "the mail server" }),
          port: Port(587),
          tls: Type.Enum(["starttls", "implicit", "none"], {
            default: "starttls",
            description: "starttls: must be offered; implicit: from the first byte, as on port 465",
          }),
          insecure: Insecure,
          from: Type.String({ pattern: "^[^\\s@<>]+@[^\\s@<>]+$", description: "address that e-mails come from" }),
          username: Type.Optional(Type.String({ minLength: 1 })),
          passwordFile: Type.Optional(File("its password, mode 0600")),
          caFile: Type.Optional(File("PEM of the authority that signed it")),
        }),
      ),
      link: Type.Optional(
        Type.String({
          pattern: "^https?://[^\\s]+$",
          description: "where people reach the page: for links in messages",
        }),
      ),
    },
    { default: {} },
  ),
  admin: closed(
    {
      username: Type.String({ default: "admin" }),
      passwordFile: Type.Optional(File("first administrator's password, mode 0600")),
    },
    { default: {} },
  ),
  /** In the box only: where the simulated hospital answers for its truth. */
  simulation: Type.Optional(closed({ url: Type.String({ pattern: "^http://127\\.0\\.0\\.1:[0-9]+$" }) })),
});
export type CloudConfig = Static<typeof CloudConfig>;
