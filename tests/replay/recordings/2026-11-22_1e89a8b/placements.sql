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
CREATE SCHEMA reference;
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
CREATE TABLE reference.body (
    agency_id text NOT NULL,
    body_id text NOT NULL,
    kind bigint NOT NULL
);
ALTER TABLE ONLY reference.body FORCE ROW LEVEL SECURITY;
CREATE TABLE reference.carer (
    agency_id text NOT NULL,
    carer_id text NOT NULL
);
ALTER TABLE ONLY reference.carer FORCE ROW LEVEL SECURITY;
CREATE TABLE view.child (
    agency_id text NOT NULL,
    child_id text NOT NULL,
    carer_id text NOT NULL
);
ALTER TABLE ONLY view.child FORCE ROW LEVEL SECURITY;
INSERT INTO ledger.fact OVERRIDING SYSTEM VALUE VALUES
	(1, '3', '01a202a4-7770-7ecb-bc80-893427df6658', 'agency-a', 'child', 'C-1', 1, 'child_recorded', '\x0a240a220a03432d31220a6e6f72746873686972652a0a6e6f72746873686972653203462d31', 'child:C-1', '\x01e8f81dcee9a42ae432273d6a1e9a9553c1a331f04423d9959e3dd6150022b0762091073cae62b88e84565d92020edc7e5f196a22b1fa08a63dd1a8c530d1524376da9b55', '2026-11-22 09:44:22.640364+00', 'caseworker-1', '', '00-9b04dbbf19ac9b8d17e0d54859d4be6b-bcaf440a452f78da-01'),
	(2, '4', '01a202a4-777f-7d4e-9fca-71c53df58c48', 'agency-a', 'child', 'C-2', 1, 'child_recorded', '\x0a240a220a03432d32220a6e6f72746873686972652a0a736f75746873686972653203462d31', 'child:C-2', '\x0112c26410e5db9a095541386571c3058898f3e4b5ef2849d1e3dd03f9b4a784f55cc6ca96375f3bf6666871113a3d06b731c8fb0df1eca6832de9b778aee8fda06d772ef7', '2026-11-22 09:44:22.655224+00', 'caseworker-1', '', '00-010e209621936475c15ada1d248463ed-08277acda2a0744d-01'),
	(3, '5', '01a202a4-7868-7fc9-9029-96ad5ec7e1d8', 'agency-b', 'child', 'C-1', 1, 'child_recorded', '\x0a240a220a03432d31220a6e6f72746873686972652a0a6e6f72746873686972653203462d31', 'child:C-1', '\x018e53cf57a879a87ff493288db54d682237920523d2845b5045f594e526e325fc116c8d5cdaccfe444729ea3fcdf35ac14c835e2b272311962a51cea85cc621ca93253f09', '2026-11-22 09:44:22.888972+00', 'caseworker-1', '', '00-398823c2e0ad4043d80638bc951e467b-1296381010320032-01'),
	(4, '6', '01a202a4-786d-7abd-9bfe-f903d6ee2fc8', 'agency-b', 'child', 'C-2', 1, 'child_recorded', '\x0a240a220a03432d32220a6e6f72746873686972652a0a736f75746873686972653203462d31', 'child:C-2', '\x010df94d757e3b4c3eea77fbc2c368dc6e4c4edd2322e31299100ded73bcf609fb3aa01dd60d7d1390bb773d65ea5bf621ee499012cca0ec07158ea8062fbf15063b66beba', '2026-11-22 09:44:22.893539+00', 'caseworker-1', '', '00-4daa9b964189c0a6cd2ec5e465c82daa-c8a78a5ea108ca60-01');
INSERT INTO ledger.inbox VALUES
	('agency-a', 'placements', '01a202a4-7734-793c-86e6-f3f359eec3a1'),
	('agency-a', 'placements', '01a202a4-773e-7e28-878d-935fc3fa0b6c'),
	('agency-a', 'placements', '01a202a4-7749-735a-a6ca-68b98b06b279'),
	('agency-a', 'placements', '01a202a4-773c-7aa5-a5e0-9bf2fc3565ac'),
	('agency-a', 'placements', '01a202a4-7751-7bce-a8ef-864198bd9168'),
	('agency-a', 'placements', '01a202a4-7754-764b-8e60-380b4cd3e279'),
	('agency-a', 'placements', '01a202a4-775f-7a47-8b68-3b04665ef3b8'),
	('agency-a', 'placements', '01a202a4-778f-78f7-8eae-effc439dad71'),
	('agency-a', 'placements', '01a202a4-7791-71dd-b6a0-2f90dab6f2f7'),
	('agency-b', 'placements', '01a202a4-7849-7c0c-8153-bbfea6f4dd1e'),
	('agency-b', 'placements', '01a202a4-784f-7f41-b50a-7ea7d85ad23c'),
	('agency-b', 'placements', '01a202a4-7851-7858-9ea0-45165a3d4ebd'),
	('agency-b', 'placements', '01a202a4-7853-70d8-a1af-ccab5f424ff2'),
	('agency-b', 'placements', '01a202a4-7854-786e-8974-d1cd0cba0820'),
	('agency-b', 'placements', '01a202a4-7855-7cdf-926a-b7d11273e188'),
	('agency-b', 'placements', '01a202a4-785a-708c-9e2e-b70bde54eb7a');
INSERT INTO ledger.relay VALUES
	('bus', '0', 0);
INSERT INTO privacy.subject_key VALUES
	('agency-a', 'child:C-1', '\x019f1ace550c8b77078accee0fff8d9d1034d2213895d4b538ce0942a06503cdabea313e37872f391de55e080b6ef7d52b8d673da53f2c5d832e0d3800122be43e99f8c3e21906baca', '2026-11-22 09:44:22.639854+00', NULL),
	('agency-a', 'child:C-2', '\x010719acf23cb18124c322bc86e5e777f0a33c1d887865ac2ff30161df4b295dc12045e7d8c8e9b1316296733c277bbd47e90ac0413e56a6627f2a50f2d949a25a0b78ad55b7885774', '2026-11-22 09:44:22.654945+00', NULL),
	('agency-b', 'child:C-1', '\x0163549f2daa97bf029377599ba7ecc6a2ba5b8d7344fb8cd2110818cdbb74af7bba669cfc29e3df56db88f4ced7e2cc246306722f17bec52e26e04cf503e5852191529407b7f3225a', '2026-11-22 09:44:22.888336+00', NULL),
	('agency-b', 'child:C-2', '\x019d0b8989336cdf16527f42d629e19fcb324e3126f10a011d86a066ea678f0da78f762c7eb87a744cac7848b7c5b965e64db3e9572545dd01fd7a2c2ef321bdf93ddc333a7543e583', '2026-11-22 09:44:22.893302+00', NULL);
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

CREATE POLICY agency_reads ON privacy.subject_key FOR SELECT TO "fosterwatch_placements"
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY agency_makes ON privacy.subject_key FOR INSERT TO "fosterwatch_placements"
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
-- The only change there is.
CREATE POLICY agency_destroys ON privacy.subject_key FOR UPDATE TO "fosterwatch_placements"
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '',''))
    AND wrapped_key IS NULL);
CREATE POLICY relay_reads ON privacy.subject_key FOR SELECT TO "fosterwatch_placements_relay" USING (true);

GRANT USAGE ON SCHEMA privacy TO "fosterwatch_placements", "fosterwatch_placements_relay";
GRANT SELECT ON privacy.subject_key TO "fosterwatch_placements", "fosterwatch_placements_relay";
GRANT INSERT (agency_id, subject_id, wrapped_key) ON privacy.subject_key TO "fosterwatch_placements";
GRANT UPDATE (wrapped_key, destroyed_time) ON privacy.subject_key TO "fosterwatch_placements";
', '2026-11-22 10:56:29.752082+00'),
	(2, 'ledger_0001', '
CREATE SCHEMA ledger;
CREATE SCHEMA view;
GRANT USAGE ON SCHEMA ledger, view TO fosterwatch_placements, fosterwatch_placements_relay;

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

GRANT SELECT, INSERT ON ledger.fact, ledger.request, ledger.inbox, ledger.parked TO fosterwatch_placements;
GRANT SELECT ON ledger.fact, ledger.relay TO fosterwatch_placements_relay;
GRANT UPDATE ON ledger.relay TO fosterwatch_placements_relay;
GRANT SELECT, DELETE ON ledger.inbox TO fosterwatch_placements_relay;

ALTER TABLE ledger.fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.fact FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON ledger.fact TO fosterwatch_placements
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON ledger.fact TO fosterwatch_placements_relay USING (true) WITH CHECK (true);

ALTER TABLE ledger.request ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.request FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON ledger.request TO fosterwatch_placements
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON ledger.request TO fosterwatch_placements_relay USING (true) WITH CHECK (true);

ALTER TABLE ledger.inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.inbox FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON ledger.inbox TO fosterwatch_placements
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON ledger.inbox TO fosterwatch_placements_relay USING (true) WITH CHECK (true);

ALTER TABLE ledger.parked ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.parked FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON ledger.parked TO fosterwatch_placements
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON ledger.parked TO fosterwatch_placements_relay USING (true) WITH CHECK (true);
', '2026-11-22 10:56:29.790211+00'),
	(3, 'placements_0001', 'CREATE TABLE view.child (agency_id text, child_id text, carer_id text NOT NULL, PRIMARY KEY (agency_id, child_id));CREATE INDEX child_of_carer ON view.child (agency_id, carer_id);
ALTER TABLE view.child ENABLE ROW LEVEL SECURITY;
ALTER TABLE view.child FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON view.child TO fosterwatch_placements
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON view.child TO fosterwatch_placements_relay USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON view.child TO fosterwatch_placements, fosterwatch_placements_relay;
CREATE SCHEMA reference; GRANT USAGE ON SCHEMA reference TO fosterwatch_placements, fosterwatch_placements_relay;CREATE TABLE reference.body (agency_id text, body_id text, kind bigint NOT NULL, PRIMARY KEY (agency_id, body_id));
ALTER TABLE reference.body ENABLE ROW LEVEL SECURITY;
ALTER TABLE reference.body FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON reference.body TO fosterwatch_placements
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON reference.body TO fosterwatch_placements_relay USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON reference.body TO fosterwatch_placements, fosterwatch_placements_relay;
CREATE TABLE reference.carer (agency_id text, carer_id text, PRIMARY KEY (agency_id, carer_id));
ALTER TABLE reference.carer ENABLE ROW LEVEL SECURITY;
ALTER TABLE reference.carer FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON reference.carer TO fosterwatch_placements
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON reference.carer TO fosterwatch_placements_relay USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON reference.carer TO fosterwatch_placements, fosterwatch_placements_relay;
', '2026-11-22 10:56:30.025319+00');
INSERT INTO reference.body VALUES
	('agency-a', 'northshire', 3),
	('agency-a', 'southshire', 3),
	('agency-a', 'secretary-of-state', 2),
	('agency-a', 'police', 4),
	('agency-a', 'ofsted', 1),
	('agency-a', 'health', 5),
	('agency-b', 'ofsted', 1),
	('agency-b', 'secretary-of-state', 2),
	('agency-b', 'northshire', 3),
	('agency-b', 'southshire', 3),
	('agency-b', 'police', 4),
	('agency-b', 'health', 5);
INSERT INTO reference.carer VALUES
	('agency-a', 'F-1'),
	('agency-b', 'F-1');
SELECT pg_catalog.setval('ledger.fact_position_seq', 4, true);
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
ALTER TABLE ONLY reference.body
    ADD CONSTRAINT body_pkey PRIMARY KEY (agency_id, body_id);
ALTER TABLE ONLY reference.carer
    ADD CONSTRAINT carer_pkey PRIMARY KEY (agency_id, carer_id);
ALTER TABLE ONLY view.child
    ADD CONSTRAINT child_pkey PRIMARY KEY (agency_id, child_id);
CREATE INDEX fact_first ON ledger.fact USING btree ("position") WHERE (version = 1);
CREATE INDEX fact_order ON ledger.fact USING btree (tx, "position");
CREATE INDEX child_of_carer ON view.child USING btree (agency_id, carer_id);
ALTER TABLE ledger.fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.inbox ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON ledger.fact TO fosterwatch_placements USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY own_agencies ON ledger.inbox TO fosterwatch_placements USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY own_agencies ON ledger.parked TO fosterwatch_placements USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY own_agencies ON ledger.request TO fosterwatch_placements USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
ALTER TABLE ledger.parked ENABLE ROW LEVEL SECURITY;
CREATE POLICY relay ON ledger.fact TO fosterwatch_placements_relay USING (true) WITH CHECK (true);
CREATE POLICY relay ON ledger.inbox TO fosterwatch_placements_relay USING (true) WITH CHECK (true);
CREATE POLICY relay ON ledger.parked TO fosterwatch_placements_relay USING (true) WITH CHECK (true);
CREATE POLICY relay ON ledger.request TO fosterwatch_placements_relay USING (true) WITH CHECK (true);
ALTER TABLE ledger.request ENABLE ROW LEVEL SECURITY;
CREATE POLICY agency_destroys ON privacy.subject_key FOR UPDATE TO fosterwatch_placements USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK (((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))) AND (wrapped_key IS NULL)));
CREATE POLICY agency_makes ON privacy.subject_key FOR INSERT TO fosterwatch_placements WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY agency_reads ON privacy.subject_key FOR SELECT TO fosterwatch_placements USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY relay_reads ON privacy.subject_key FOR SELECT TO fosterwatch_placements_relay USING (true);
ALTER TABLE privacy.subject_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE reference.body ENABLE ROW LEVEL SECURITY;
ALTER TABLE reference.carer ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON reference.body TO fosterwatch_placements USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY own_agencies ON reference.carer TO fosterwatch_placements USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY relay ON reference.body TO fosterwatch_placements_relay USING (true) WITH CHECK (true);
CREATE POLICY relay ON reference.carer TO fosterwatch_placements_relay USING (true) WITH CHECK (true);
ALTER TABLE view.child ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON view.child TO fosterwatch_placements USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY relay ON view.child TO fosterwatch_placements_relay USING (true) WITH CHECK (true);
GRANT USAGE ON SCHEMA ledger TO fosterwatch_placements;
GRANT USAGE ON SCHEMA ledger TO fosterwatch_placements_relay;
GRANT USAGE ON SCHEMA privacy TO fosterwatch_placements;
GRANT USAGE ON SCHEMA privacy TO fosterwatch_placements_relay;
GRANT USAGE ON SCHEMA reference TO fosterwatch_placements;
GRANT USAGE ON SCHEMA reference TO fosterwatch_placements_relay;
GRANT USAGE ON SCHEMA view TO fosterwatch_placements;
GRANT USAGE ON SCHEMA view TO fosterwatch_placements_relay;
GRANT SELECT,INSERT ON TABLE ledger.fact TO fosterwatch_placements;
GRANT SELECT ON TABLE ledger.fact TO fosterwatch_placements_relay;
GRANT SELECT,INSERT ON TABLE ledger.inbox TO fosterwatch_placements;
GRANT SELECT,DELETE ON TABLE ledger.inbox TO fosterwatch_placements_relay;
GRANT SELECT,INSERT ON TABLE ledger.parked TO fosterwatch_placements;
GRANT SELECT,UPDATE ON TABLE ledger.relay TO fosterwatch_placements_relay;
GRANT SELECT,INSERT ON TABLE ledger.request TO fosterwatch_placements;
GRANT SELECT ON TABLE privacy.subject_key TO fosterwatch_placements;
GRANT SELECT ON TABLE privacy.subject_key TO fosterwatch_placements_relay;
GRANT INSERT(agency_id) ON TABLE privacy.subject_key TO fosterwatch_placements;
GRANT INSERT(subject_id) ON TABLE privacy.subject_key TO fosterwatch_placements;
GRANT INSERT(wrapped_key),UPDATE(wrapped_key) ON TABLE privacy.subject_key TO fosterwatch_placements;
GRANT UPDATE(destroyed_time) ON TABLE privacy.subject_key TO fosterwatch_placements;
GRANT SELECT ON TABLE public.migration TO PUBLIC;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reference.body TO fosterwatch_placements;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reference.body TO fosterwatch_placements_relay;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reference.carer TO fosterwatch_placements;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reference.carer TO fosterwatch_placements_relay;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE view.child TO fosterwatch_placements;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE view.child TO fosterwatch_placements_relay;
