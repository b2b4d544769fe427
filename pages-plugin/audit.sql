-- Table and indexes for audit events in a D1 database of your own (docs/audit.md). May be run again.
CREATE TABLE IF NOT EXISTS audit_events (
  id INTEGER PRIMARY KEY,
  event TEXT NOT NULL CHECK (json_valid(event)),
  time INTEGER GENERATED ALWAYS AS (event ->> '$.time') STORED,
  project TEXT GENERATED ALWAYS AS (coalesce(event ->> '$.unmapped.project', '')) STORED,
  environment TEXT GENERATED ALWAYS AS (event ->> '$.unmapped.environment') STORED,
  origin TEXT GENERATED ALWAYS AS (coalesce(event ->> '$.service.name', substr(event ->> '$.http_request.url.url_string', 1,
    length(event ->> '$.http_request.url.url_string') - length(event ->> '$.http_request.url.path')))) STORED,
  tid TEXT GENERATED ALWAYS AS (coalesce(event ->> '$.user.org.uid', event ->> '$.actor.user.org.uid')) STORED,
  oid TEXT GENERATED ALWAYS AS (coalesce(event ->> '$.user.uid', event ->> '$.actor.user.uid')) STORED,
  name TEXT GENERATED ALWAYS AS (coalesce(event ->> '$.user.name', event ->> '$.actor.user.name')) STORED,
  seen INTEGER GENERATED ALWAYS AS (event ->> '$.status_id' = 1 AND coalesce(event ->> '$.user.uid', event ->> '$.actor.user.uid') IS NOT NULL
    AND (event ->> '$.class_uid' = 6001 OR event ->> '$.type_uid' = 300299)) STORED
);
CREATE INDEX IF NOT EXISTS audit_events_seen ON audit_events (origin, oid, time) WHERE seen;
CREATE INDEX IF NOT EXISTS audit_events_visitor ON audit_events (oid, time);
CREATE INDEX IF NOT EXISTS audit_events_age ON audit_events (project, time);
CREATE INDEX IF NOT EXISTS audit_events_admitted ON audit_events (project, time) WHERE seen AND event ->> '$.class_uid' = 3002;
CREATE INDEX IF NOT EXISTS audit_events_refused ON audit_events (project, time) WHERE event ->> '$.status_id' = 2;
CREATE INDEX IF NOT EXISTS audit_events_apart ON audit_events (project, time) WHERE event ->> '$.class_uid' <> 3002;
CREATE INDEX IF NOT EXISTS audit_events_pull ON audit_events (project, event ->> '$.unmapped.pull_request', time) WHERE event ->> '$.unmapped.pull_request' IS NOT NULL;
CREATE INDEX IF NOT EXISTS audit_events_reference ON audit_events (event ->> '$.unmapped.reference') WHERE event ->> '$.unmapped.reference' IS NOT NULL;
