SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA ledger;
CREATE SCHEMA privacy;
CREATE SCHEMA view;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE ledger.fact (
    "position" bigint NOT NULL,
    tx xid8 DEFAULT pg_current_xact_id() NOT NULL,
    fact_id text NOT NULL,
    agency_id text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    version bigint NOT NULL,
    name text NOT NULL,
    payload bytea NOT NULL,
    subject_id text NOT NULL,
    sealed bytea,
    recorded_at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    cause text NOT NULL,
    trace_parent text NOT NULL
);
ALTER TABLE ONLY ledger.fact FORCE ROW LEVEL SECURITY;
ALTER TABLE ledger.fact ALTER COLUMN "position" ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME ledger.fact_position_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE ledger.inbox (
    agency_id text NOT NULL,
    consumer text NOT NULL,
    inbox_id text NOT NULL
);
ALTER TABLE ONLY ledger.inbox FORCE ROW LEVEL SECURITY;
CREATE TABLE ledger.parked (
    parked_id text NOT NULL,
    agency_id text NOT NULL,
    consumer text NOT NULL,
    topic text NOT NULL,
    partition bigint NOT NULL,
    "offset" bigint NOT NULL,
    record_key bytea NOT NULL,
    headers bytea NOT NULL,
    sealed_value bytea NOT NULL,
    reason_code text NOT NULL,
    field text NOT NULL,
    parked_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY ledger.parked FORCE ROW LEVEL SECURITY;
CREATE TABLE ledger.relay (
    name text NOT NULL,
    tx text NOT NULL,
    "position" bigint NOT NULL
);
CREATE TABLE ledger.request (
    agency_id text NOT NULL,
    request_id text NOT NULL,
    request_hash text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    version bigint NOT NULL
);
ALTER TABLE ONLY ledger.request FORCE ROW LEVEL SECURITY;
CREATE TABLE privacy.subject_key (
    agency_id text NOT NULL,
    subject_id text NOT NULL,
    wrapped_key bytea,
    created_time timestamp with time zone DEFAULT now() NOT NULL,
    destroyed_time timestamp with time zone,
    CONSTRAINT subject_key_destroyed CHECK (((wrapped_key IS NULL) = (destroyed_time IS NOT NULL)))
);
ALTER TABLE ONLY privacy.subject_key FORCE ROW LEVEL SECURITY;
CREATE TABLE public.migration (
    "position" bigint NOT NULL,
    name text NOT NULL,
    sql text NOT NULL,
    applied_time timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.migration ALTER COLUMN "position" ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.migration_position_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE view.carer (
    agency_id text NOT NULL,
    carer_id text NOT NULL,
    kind bigint NOT NULL
);
ALTER TABLE ONLY view.carer FORCE ROW LEVEL SECURITY;
INSERT INTO ledger.fact OVERRIDING SYSTEM VALUE VALUES
	(1, '3', '01a202a4-775f-7a47-8b68-3b04665ef3b8', 'agency-a', 'carer', 'F-1', 1, 'carer_recorded', '\x0a150a130a03462d311801220a323032302d30312d3031', 'carer:F-1', '\x018064e11136d3d5822cfcea0499e03187080555097aab86695d83677ebe44b5b078740f6bbba180e1d3be61a35a6020e1ecc05d35311948ce', '2026-11-22 09:44:22.623343+00', 'caseworker-1', '', '00-ea908e7453ce67b9f55fb440a2fabbe3-66acfb5c22749a4a-01'),
	(2, '4', '01a202a4-785a-708c-9e2e-b70bde54eb7a', 'agency-b', 'carer', 'F-1', 1, 'carer_recorded', '\x0a150a130a03462d311801220a323032302d30312d3031', 'carer:F-1', '\x013dbbdf1d2e0204d9a2838b690da89f73821d5b75d529698194854dd77f6915f0d2bcb844166f853f0cd6558baaf386fd027dc8db396807d1', '2026-11-22 09:44:22.874416+00', 'caseworker-1', '', '00-3ae4909f32f1197115fce44a40db72f9-39574b8042ac8b5d-01');
INSERT INTO ledger.relay VALUES
	('bus', '0', 0);
INSERT INTO privacy.subject_key VALUES
	('agency-a', 'carer:F-1', '\x011fcecc02237dc805dae117059327f49bdc9c415cde49669b26a42f5cd7256084a1d386e75765bb92ee2bcbc51b8bfd560f40497e97e06a734b416d42f64404df5c598be62f94ca08', '2026-11-22 09:44:22.621509+00', NULL),
	('agency-b', 'carer:F-1', '\x01bfab5ea8e98b931f2ca5d492ba98b53c29d0f51f9523aef262e9909ff4c06a401144a044925510735f5d451dc699c72760f457d6ee1783d22f0273eacd7888e042d41b5eec5a7bfc', '2026-11-22 09:44:22.874175+00', NULL);
INSERT INTO public.migration OVERRIDING SYSTEM VALUE VALUES
	(1, 'privacy_0001_subject_key', '
CREATE SCHEMA privacy;

CREATE TABLE privacy.subject_key (
  agency_id text NOT NULL,
  subject_id text NOT NULL,
  wrapped_key bytea,
  created_time timestamptz NOT NULL DEFAULT now(),
  destroyed_time timestamptz,
  PRIMARY KEY (agency_id, subject_id),
  CONSTRAINT subject_key_destroyed CHECK ((wrapped_key IS NULL) = (destroyed_time IS NOT NULL))
);

ALTER TABLE privacy.subject_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE privacy.subject_key FORCE ROW LEVEL SECURITY;

CREATE POLICY agency_reads ON privacy.subject_key FOR SELECT TO "fosterwatch_carers"
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY agency_makes ON privacy.subject_key FOR INSERT TO "fosterwatch_carers"
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
-- The only change there is.
CREATE POLICY agency_destroys ON privacy.subject_key FOR UPDATE TO "fosterwatch_carers"
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '',''))
    AND wrapped_key IS NULL);
CREATE POLICY relay_reads ON privacy.subject_key FOR SELECT TO "fosterwatch_carers_relay" USING (true);

GRANT USAGE ON SCHEMA privacy TO "fosterwatch_carers", "fosterwatch_carers_relay";
GRANT SELECT ON privacy.subject_key TO "fosterwatch_carers", "fosterwatch_carers_relay";
GRANT INSERT (agency_id, subject_id, wrapped_key) ON privacy.subject_key TO "fosterwatch_carers";
GRANT UPDATE (wrapped_key, destroyed_time) ON privacy.subject_key TO "fosterwatch_carers";
', '2026-11-22 10:56:27.757128+00'),
	(2, 'ledger_0001', '
CREATE SCHEMA ledger;
CREATE SCHEMA view;
GRANT USAGE ON SCHEMA ledger, view TO fosterwatch_carers, fosterwatch_carers_relay;

CREATE TABLE ledger.fact (
  position bigint GENERATED ALWAYS AS IDENTITY,
  tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
  fact_id text PRIMARY KEY,
  agency_id text NOT NULL,
  aggregate_type text NOT NULL,
  aggregate_id text NOT NULL,
  version bigint NOT NULL,
  name text NOT NULL,
  payload bytea NOT NULL,
  subject_id text NOT NULL,
  sealed bytea,
  recorded_at timestamptz NOT NULL,
  actor text NOT NULL,
  cause text NOT NULL,
  trace_parent text NOT NULL,
  CONSTRAINT fact_version UNIQUE (agency_id, aggregate_id, aggregate_type, version)
);
CREATE INDEX fact_order ON ledger.fact (tx, position);
-- Aggregates in the order of their beginning, for a rebuild.
CREATE INDEX fact_first ON ledger.fact (position) WHERE version = 1;

CREATE TABLE ledger.request (
  agency_id text NOT NULL,
  request_id text NOT NULL,
  request_hash text NOT NULL,
  aggregate_type text NOT NULL,
  aggregate_id text NOT NULL,
  version bigint NOT NULL,
  CONSTRAINT request_once PRIMARY KEY (agency_id, request_id)
);

CREATE TABLE ledger.inbox (
  agency_id text NOT NULL,
  consumer text NOT NULL,
  inbox_id text NOT NULL,
  CONSTRAINT inbox_once PRIMARY KEY (consumer, inbox_id)
);

CREATE TABLE ledger.parked (
  parked_id text PRIMARY KEY,
  agency_id text NOT NULL,
  consumer text NOT NULL,
  topic text NOT NULL,
  partition bigint NOT NULL,
  "offset" bigint NOT NULL,
  record_key bytea NOT NULL,
  headers bytea NOT NULL,
  sealed_value bytea NOT NULL,
  reason_code text NOT NULL,
  field text NOT NULL,
  parked_at timestamptz NOT NULL
);

CREATE TABLE ledger.relay (
  name text PRIMARY KEY,
  tx text NOT NULL,
  position bigint NOT NULL
);
INSERT INTO ledger.relay VALUES (''bus'', ''0'', 0);

GRANT SELECT, INSERT ON ledger.fact, ledger.request, ledger.inbox, ledger.parked TO fosterwatch_carers;
GRANT SELECT ON ledger.fact, ledger.relay TO fosterwatch_carers_relay;
GRANT UPDATE ON ledger.relay TO fosterwatch_carers_relay;
GRANT SELECT, DELETE ON ledger.inbox TO fosterwatch_carers_relay;

ALTER TABLE ledger.fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.fact FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON ledger.fact TO fosterwatch_carers
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON ledger.fact TO fosterwatch_carers_relay USING (true) WITH CHECK (true);

ALTER TABLE ledger.request ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.request FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON ledger.request TO fosterwatch_carers
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON ledger.request TO fosterwatch_carers_relay USING (true) WITH CHECK (true);

ALTER TABLE ledger.inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.inbox FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON ledger.inbox TO fosterwatch_carers
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON ledger.inbox TO fosterwatch_carers_relay USING (true) WITH CHECK (true);

ALTER TABLE ledger.parked ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.parked FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON ledger.parked TO fosterwatch_carers
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON ledger.parked TO fosterwatch_carers_relay USING (true) WITH CHECK (true);
', '2026-11-22 10:56:27.842272+00'),
	(3, 'carers_0001', 'CREATE TABLE view.carer (agency_id text, carer_id text, kind bigint NOT NULL, PRIMARY KEY (agency_id, carer_id));
ALTER TABLE view.carer ENABLE ROW LEVEL SECURITY;
ALTER TABLE view.carer FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON view.carer TO fosterwatch_carers
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON view.carer TO fosterwatch_carers_relay USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON view.carer TO fosterwatch_carers, fosterwatch_carers_relay;
', '2026-11-22 10:56:28.022952+00');
SELECT pg_catalog.setval('ledger.fact_position_seq', 2, true);
SELECT pg_catalog.setval('public.migration_position_seq', 3, true);
ALTER TABLE ONLY ledger.fact
    ADD CONSTRAINT fact_pkey PRIMARY KEY (fact_id);
ALTER TABLE ONLY ledger.fact
    ADD CONSTRAINT fact_version UNIQUE (agency_id, aggregate_id, aggregate_type, version);
ALTER TABLE ONLY ledger.inbox
    ADD CONSTRAINT inbox_once PRIMARY KEY (consumer, inbox_id);
ALTER TABLE ONLY ledger.parked
    ADD CONSTRAINT parked_pkey PRIMARY KEY (parked_id);
ALTER TABLE ONLY ledger.relay
    ADD CONSTRAINT relay_pkey PRIMARY KEY (name);
ALTER TABLE ONLY ledger.request
    ADD CONSTRAINT request_once PRIMARY KEY (agency_id, request_id);
ALTER TABLE ONLY privacy.subject_key
    ADD CONSTRAINT subject_key_pkey PRIMARY KEY (agency_id, subject_id);
ALTER TABLE ONLY public.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (name);
ALTER TABLE ONLY view.carer
    ADD CONSTRAINT carer_pkey PRIMARY KEY (agency_id, carer_id);
CREATE INDEX fact_first ON ledger.fact USING btree ("position") WHERE (version = 1);
CREATE INDEX fact_order ON ledger.fact USING btree (tx, "position");
ALTER TABLE ledger.fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.inbox ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON ledger.fact TO fosterwatch_carers USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY own_agencies ON ledger.inbox TO fosterwatch_carers USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY own_agencies ON ledger.parked TO fosterwatch_carers USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY own_agencies ON ledger.request TO fosterwatch_carers USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
ALTER TABLE ledger.parked ENABLE ROW LEVEL SECURITY;
CREATE POLICY relay ON ledger.fact TO fosterwatch_carers_relay USING (true) WITH CHECK (true);
CREATE POLICY relay ON ledger.inbox TO fosterwatch_carers_relay USING (true) WITH CHECK (true);
CREATE POLICY relay ON ledger.parked TO fosterwatch_carers_relay USING (true) WITH CHECK (true);
CREATE POLICY relay ON ledger.request TO fosterwatch_carers_relay USING (true) WITH CHECK (true);
ALTER TABLE ledger.request ENABLE ROW LEVEL SECURITY;
CREATE POLICY agency_destroys ON privacy.subject_key FOR UPDATE TO fosterwatch_carers USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK (((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))) AND (wrapped_key IS NULL)));
CREATE POLICY agency_makes ON privacy.subject_key FOR INSERT TO fosterwatch_carers WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY agency_reads ON privacy.subject_key FOR SELECT TO fosterwatch_carers USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY relay_reads ON privacy.subject_key FOR SELECT TO fosterwatch_carers_relay USING (true);
ALTER TABLE privacy.subject_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE view.carer ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON view.carer TO fosterwatch_carers USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY relay ON view.carer TO fosterwatch_carers_relay USING (true) WITH CHECK (true);
GRANT USAGE ON SCHEMA ledger TO fosterwatch_carers;
GRANT USAGE ON SCHEMA ledger TO fosterwatch_carers_relay;
GRANT USAGE ON SCHEMA privacy TO fosterwatch_carers;
GRANT USAGE ON SCHEMA privacy TO fosterwatch_carers_relay;
GRANT USAGE ON SCHEMA view TO fosterwatch_carers;
GRANT USAGE ON SCHEMA view TO fosterwatch_carers_relay;
GRANT SELECT,INSERT ON TABLE ledger.fact TO fosterwatch_carers;
GRANT SELECT ON TABLE ledger.fact TO fosterwatch_carers_relay;
GRANT SELECT,INSERT ON TABLE ledger.inbox TO fosterwatch_carers;
GRANT SELECT,DELETE ON TABLE ledger.inbox TO fosterwatch_carers_relay;
GRANT SELECT,INSERT ON TABLE ledger.parked TO fosterwatch_carers;
GRANT SELECT,UPDATE ON TABLE ledger.relay TO fosterwatch_carers_relay;
GRANT SELECT,INSERT ON TABLE ledger.request TO fosterwatch_carers;
GRANT SELECT ON TABLE privacy.subject_key TO fosterwatch_carers;
GRANT SELECT ON TABLE privacy.subject_key TO fosterwatch_carers_relay;
GRANT INSERT(agency_id) ON TABLE privacy.subject_key TO fosterwatch_carers;
GRANT INSERT(subject_id) ON TABLE privacy.subject_key TO fosterwatch_carers;
GRANT INSERT(wrapped_key),UPDATE(wrapped_key) ON TABLE privacy.subject_key TO fosterwatch_carers;
GRANT UPDATE(destroyed_time) ON TABLE privacy.subject_key TO fosterwatch_carers;
GRANT SELECT ON TABLE public.migration TO PUBLIC;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE view.carer TO fosterwatch_carers;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE view.carer TO fosterwatch_carers_relay;
