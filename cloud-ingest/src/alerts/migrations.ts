import type { Migration } from "../database/index.js";

export const migrations: readonly Migration[] = [
  {
    id: "0230-alerts",
    sql: `
-- What people have set: rules, receivers, windows. kind: rule, receiver, window.
CREATE TABLE alert_document (
  kind text NOT NULL,
  id text COLLATE "C" NOT NULL,
  body jsonb NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now(),
  changed_by text NOT NULL,
  PRIMARY KEY (kind, id)
);
-- Counts up with every change of them. Who judges holds it while it does, so that nothing is judged by rules that have changed meanwhile.
CREATE TABLE alert_revision (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  revision int8 NOT NULL
);
INSERT INTO alert_revision (revision) VALUES (0);
-- Keys that the service has made: of webhooks by receiver.
CREATE TABLE alert_secret (
  receiver text PRIMARY KEY,
  secret text NOT NULL
);

-- By which the push services of browsers know this house (VAPID).
CREATE TABLE alert_push_key (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  public_key text NOT NULL,
  private_key text NOT NULL
);

-- Where each thing has settled last, by what was told of it.
CREATE TABLE alert_stay (
  item uuid PRIMARY KEY,
  stay uuid NOT NULL,
  place uuid NOT NULL,
  kind text NOT NULL,
  from_at timestamptz NOT NULL,
  agent text NOT NULL
);
CREATE INDEX ON alert_stay (kind);
CREATE INDEX ON alert_stay (place);

-- What holds now. judged: up to then it is known to; where there is an agent, up to how far that one has looked.
CREATE TABLE alert_condition (
  rule text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  since timestamptz NOT NULL,
  judged timestamptz NOT NULL,
  agent text,
  finding jsonb NOT NULL,
  -- Of its timer.
  key text COLLATE "C" NOT NULL,
  PRIMARY KEY (rule, subject)
);
CREATE UNIQUE INDEX ON alert_condition (key);
CREATE INDEX ON alert_condition (subject);
-- Timers. open: a condition will have lasted long enough; escalate: nobody has acknowledged an alert.
CREATE TABLE due (
  kind text NOT NULL,
  key text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (kind, key)
);
CREATE INDEX ON due (kind, at);
-- Held by the process that judges. judged: the last minute of time series; scanned: the revision of the rules that have met everything that has
-- settled; unjudged: rules of which nothing is said now, with why; of those about figures as of the last minute.
CREATE TABLE alert_evaluator (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  scanned int8 NOT NULL DEFAULT 0,
  judged timestamptz,
  unjudged jsonb NOT NULL DEFAULT '[]',
  unjudged_minute jsonb NOT NULL DEFAULT '[]'
);
INSERT INTO alert_evaluator DEFAULT VALUES;

CREATE TABLE alert (
  id uuid PRIMARY KEY,
  rule text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  severity text NOT NULL,
  title text NOT NULL,
  what text NOT NULL,
  advice text,
  places uuid[] NOT NULL,
  since timestamptz NOT NULL,
  opened_at timestamptz NOT NULL,
  evidence jsonb NOT NULL,
  acknowledged_at timestamptz,
  acknowledged_by text,
  note text,
  closed_at timestamptz,
  closed_why text,
  escalated int4 NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX alert_opened_once ON alert (rule, subject) WHERE closed_at IS NULL;
CREATE INDEX ON alert (opened_at);
CREATE INDEX ON alert (closed_at);
CREATE INDEX ON alert ((evidence -> 'about' ->> 'item'));

-- What is to be told, under a key that makes a repetition harmless. n: what is told of one alert is told in this order.
CREATE TABLE alert_outbox (
  n int8 GENERATED ALWAYS AS IDENTITY,
  key text PRIMARY KEY,
  alert uuid REFERENCES alert ON DELETE CASCADE,
  receiver text NOT NULL,
  target text NOT NULL,
  event text NOT NULL,
  -- As it is sent, to the byte, also when it is sent again.
  body text NOT NULL,
  created_at timestamptz NOT NULL,
  next_at timestamptz NOT NULL,
  -- Nobody is to be told before next_at: quiet hours.
  held boolean NOT NULL DEFAULT false,
  attempts int4 NOT NULL DEFAULT 0,
  delivered_at timestamptz,
  given_up_at timestamptz,
  error text
);
CREATE INDEX ON alert_outbox (next_at) WHERE delivered_at IS NULL AND given_up_at IS NULL;
CREATE INDEX ON alert_outbox (alert);
-- How each receiver is.
CREATE TABLE alert_receiver_state (
  receiver text PRIMARY KEY,
  delivered_at timestamptz,
  failing_since timestamptz,
  error text
);
`,
  },
  {
    id: "0231-alert-journal-forked",
    sql: `
-- A house that has been set up is warned of it too. It is as in setup/defaults.ts.
INSERT INTO alert_document (kind, id, body, changed_by)
SELECT 'rule', 'journal-forked', jsonb_build_object(
    'id', 'journal-forked', 'title', 'Gateway''s journal has forked', 'severity', 'critical',
    'when', jsonb_build_object('on', 'gateway', 'is', 'forked'), 'lasts', 0,
    'advice', 'It was restored from a copy, or two devices run with one identity. What it keeps is sent again and counted once; look whether another device has this identity, and enrol that one anew.'
  ), 'service'
  FROM alert_revision WHERE revision > 0 ON CONFLICT DO NOTHING;
UPDATE alert_revision SET revision = revision + 1 WHERE revision > 0;
`,
  },
];
