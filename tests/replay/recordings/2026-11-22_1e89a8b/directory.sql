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
CREATE TABLE view.body (
    agency_id text NOT NULL,
    body_id text NOT NULL,
    kind bigint NOT NULL,
    name text NOT NULL
);
ALTER TABLE ONLY view.body FORCE ROW LEVEL SECURITY;
CREATE TABLE view.holder (
    agency_id text NOT NULL,
    holder_id text NOT NULL,
    role bigint NOT NULL
);
ALTER TABLE ONLY view.holder FORCE ROW LEVEL SECURITY;
CREATE TABLE view.publisher (
    agency_id text NOT NULL,
    publisher_id text NOT NULL,
    source text NOT NULL
);
ALTER TABLE ONLY view.publisher FORCE ROW LEVEL SECURITY;
INSERT INTO ledger.fact OVERRIDING SYSTEM VALUE VALUES
	(1, '3', '01a202a4-7734-793c-86e6-f3f359eec3a1', 'agency-a', 'body', 'ofsted', 1, 'body_recorded', '\x0a280a260a066f667374656410011a066f667374656422120802120c3031363332203936303030301801', 'body:ofsted', NULL, '2026-11-22 09:44:22.5805+00', 'admin-1', '', '00-a513b6d5a3a6dc0b9b537da5f23402a6-d836cc1ee13ee66b-01'),
	(2, '4', '01a202a4-773c-7aa5-a5e0-9bf2fc3565ac', 'agency-a', 'body', 'secretary-of-state', 1, 'body_recorded', '\x0a400a3e0a127365637265746172792d6f662d737461746510021a127365637265746172792d6f662d737461746522120802120c3031363332203936303030301801', 'body:secretary-of-state', NULL, '2026-11-22 09:44:22.588622+00', 'admin-1', '', '00-b150fe5ec8ff29ef09e9aab7c63a0cba-f166a20f21156ad3-01'),
	(3, '5', '01a202a4-773e-7e28-878d-935fc3fa0b6c', 'agency-a', 'body', 'northshire', 1, 'body_recorded', '\x0a400a3e0a0a6e6f727468736869726510031a0a6e6f727468736869726522120802120c30313633322039363030303018012a06706f6c69636532066865616c7468', 'body:northshire', NULL, '2026-11-22 09:44:22.590672+00', 'admin-1', '', '00-d6307d30398e41ed734c277ebb5b9ade-b41defd451f50312-01'),
	(4, '6', '01a202a4-7749-735a-a6ca-68b98b06b279', 'agency-a', 'body', 'southshire', 1, 'body_recorded', '\x0a400a3e0a0a736f757468736869726510031a0a736f757468736869726522120802120c30313633322039363030303018012a06706f6c69636532066865616c7468', 'body:southshire', NULL, '2026-11-22 09:44:22.601212+00', 'admin-1', '', '00-7683fadca41e516a0f95389b7f582afc-1c9d7757e148afbe-01'),
	(5, '7', '01a202a4-7751-7bce-a8ef-864198bd9168', 'agency-a', 'body', 'police', 1, 'body_recorded', '\x0a280a260a06706f6c69636510041a06706f6c69636522120802120c3031363332203936303030301801', 'body:police', NULL, '2026-11-22 09:44:22.609278+00', 'admin-1', '', '00-db7d1540dcea02e23ed5a3b3bd2f3eb3-d278ffcb53c35ec7-01'),
	(6, '8', '01a202a4-7754-764b-8e60-380b4cd3e279', 'agency-a', 'body', 'health', 1, 'body_recorded', '\x0a280a260a066865616c746810051a066865616c746822120802120c3031363332203936303030301801', 'body:health', NULL, '2026-11-22 09:44:22.612103+00', 'admin-1', '', '00-c438df2603774ecf950a191e46645267-2f8e8da3c0e4d5fc-01'),
	(7, '9', '01a202a4-7758-7eab-8b95-d94708a89ed3', 'agency-a', 'publisher', 'case-system', 1, 'publisher_registered', '\x22290a270a0b636173652d73797374656d121875726e3a636173652d73797374656d3a6167656e63792d61', 'publisher:case-system', NULL, '2026-11-22 09:44:22.616241+00', 'admin-1', '', '00-8057fac5fa9aeb6c283aa574cc79b0fe-d9ffe54944439092-01'),
	(8, '10', '01a202a4-778f-78f7-8eae-effc439dad71', 'agency-a', 'body', 'ofsted', 2, 'body_recorded', '\x0a2c0a2a0a066f667374656410011a066f66737465642216080112126f6673746564406578616d706c652e6f7267', 'body:ofsted', NULL, '2026-11-22 09:44:22.671091+00', 'admin-1', '', '00-d39aeae2ee9239c44f526486d000679a-1d73c8caeb83c039-01'),
	(9, '11', '01a202a4-7791-71dd-b6a0-2f90dab6f2f7', 'agency-a', 'body', 'health', 2, 'body_recorded', '\x0a2c0a2a0a066865616c746810051a066865616c74682216080112126865616c7468406578616d706c652e6f7267', 'body:health', NULL, '2026-11-22 09:44:22.673007+00', 'admin-1', '', '00-a919bd2984f27fadddc9de5cf92c2177-fe51e2c05f22121f-01'),
	(11, '13', '01a202a4-7849-7c0c-8153-bbfea6f4dd1e', 'agency-b', 'body', 'ofsted', 1, 'body_recorded', '\x0a280a260a066f667374656410011a066f667374656422120802120c3031363332203936303030301801', 'body:ofsted', NULL, '2026-11-22 09:44:22.857695+00', 'admin-1', '', '00-07fae725616584524213e618751ac49c-8f6ac1fbb217bb5f-01'),
	(10, '12', '01a202a4-7792-7cfa-8f02-ae76e72e16cb', 'agency-a', 'holder', '01a202a4-7792-711e-987a-13860adac946', 1, 'holder_appointed', '\x12620a600a2430316132303261342d373739322d373131652d393837612d3133383630616461633934361214726567697374657265642d6d616e616765722d311803320c08f6cf85d80610f0cc9bc102421252656769737465726564206d616e61676572', 'holder:01a202a4-7792-711e-987a-13860adac946', '\x01cd8814f8e716158be06faf7bcd5b7e432cdb3145c2702b49380b2bb86887a5ca3fbcb50c0360b2c8dbb0b4bb66f4e47cc0a61d0b7911ac988ef906e1f02f26edd786f30af247cbc089303708211955', '2026-11-22 09:44:22.67446+00', 'admin-1', '', '00-72bd36002bff710f9c394195b46ec079-81c47f735e2ca0bd-01'),
	(12, '14', '01a202a4-784f-7f41-b50a-7ea7d85ad23c', 'agency-b', 'body', 'secretary-of-state', 1, 'body_recorded', '\x0a400a3e0a127365637265746172792d6f662d737461746510021a127365637265746172792d6f662d737461746522120802120c3031363332203936303030301801', 'body:secretary-of-state', NULL, '2026-11-22 09:44:22.863696+00', 'admin-1', '', '00-be797934ad2947589e8143312866e0be-5d29b5197df4c1de-01'),
	(13, '15', '01a202a4-7851-7858-9ea0-45165a3d4ebd', 'agency-b', 'body', 'northshire', 1, 'body_recorded', '\x0a400a3e0a0a6e6f727468736869726510031a0a6e6f727468736869726522120802120c30313633322039363030303018012a06706f6c69636532066865616c7468', 'body:northshire', NULL, '2026-11-22 09:44:22.865665+00', 'admin-1', '', '00-1c112fae7e143326205f516bf47ae0ab-09189fc5431a2e4a-01'),
	(14, '16', '01a202a4-7853-70d8-a1af-ccab5f424ff2', 'agency-b', 'body', 'southshire', 1, 'body_recorded', '\x0a400a3e0a0a736f757468736869726510031a0a736f757468736869726522120802120c30313633322039363030303018012a06706f6c69636532066865616c7468', 'body:southshire', NULL, '2026-11-22 09:44:22.8671+00', 'admin-1', '', '00-8515f781f9074dc633be785d81a4b5a7-e4cba75807b871e4-01'),
	(15, '17', '01a202a4-7854-786e-8974-d1cd0cba0820', 'agency-b', 'body', 'police', 1, 'body_recorded', '\x0a280a260a06706f6c69636510041a06706f6c69636522120802120c3031363332203936303030301801', 'body:police', NULL, '2026-11-22 09:44:22.868201+00', 'admin-1', '', '00-1b350aecc100ba5cf319e0c0d1c483bb-eb6a05226aab83f5-01'),
	(16, '18', '01a202a4-7855-7cdf-926a-b7d11273e188', 'agency-b', 'body', 'health', 1, 'body_recorded', '\x0a280a260a066865616c746810051a066865616c746822120802120c3031363332203936303030301801', 'body:health', NULL, '2026-11-22 09:44:22.869875+00', 'admin-1', '', '00-9fbbe1e49ce4e86d2f41615a5b4e51ae-ea73d04502717e45-01'),
	(17, '19', '01a202a4-7858-7355-ba1d-5260f400702d', 'agency-b', 'publisher', 'case-system', 1, 'publisher_registered', '\x22290a270a0b636173652d73797374656d121875726e3a636173652d73797374656d3a6167656e63792d62', 'publisher:case-system', NULL, '2026-11-22 09:44:22.872059+00', 'admin-1', '', '00-3d9e331693801c6341cd59a80163a899-76d185ccf60676c1-01');
INSERT INTO ledger.relay VALUES
	('bus', '0', 0);
INSERT INTO privacy.subject_key VALUES
	('agency-a', 'holder:01a202a4-7792-711e-987a-13860adac946', '\x017e81a40ba21e2799a7d66a01a27e551fc7dce772e36c62e2952106b88db44f4b53caa59d5ab7a6ca32f5996b2922239965282d53d662c531ec9d6e1dabb44e43a616ba08c55eaac3', '2026-11-22 09:44:22.674263+00', NULL);
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

CREATE POLICY agency_reads ON privacy.subject_key FOR SELECT TO "fosterwatch_directory"
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY agency_makes ON privacy.subject_key FOR INSERT TO "fosterwatch_directory"
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
-- The only change there is.
CREATE POLICY agency_destroys ON privacy.subject_key FOR UPDATE TO "fosterwatch_directory"
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '',''))
    AND wrapped_key IS NULL);
CREATE POLICY relay_reads ON privacy.subject_key FOR SELECT TO "fosterwatch_directory_relay" USING (true);

GRANT USAGE ON SCHEMA privacy TO "fosterwatch_directory", "fosterwatch_directory_relay";
GRANT SELECT ON privacy.subject_key TO "fosterwatch_directory", "fosterwatch_directory_relay";
GRANT INSERT (agency_id, subject_id, wrapped_key) ON privacy.subject_key TO "fosterwatch_directory";
GRANT UPDATE (wrapped_key, destroyed_time) ON privacy.subject_key TO "fosterwatch_directory";
', '2026-11-22 10:56:25.439364+00'),
	(2, 'ledger_0001', '
CREATE SCHEMA ledger;
CREATE SCHEMA view;
GRANT USAGE ON SCHEMA ledger, view TO fosterwatch_directory, fosterwatch_directory_relay;

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

GRANT SELECT, INSERT ON ledger.fact, ledger.request, ledger.inbox, ledger.parked TO fosterwatch_directory;
GRANT SELECT ON ledger.fact, ledger.relay TO fosterwatch_directory_relay;
GRANT UPDATE ON ledger.relay TO fosterwatch_directory_relay;
GRANT SELECT, DELETE ON ledger.inbox TO fosterwatch_directory_relay;

ALTER TABLE ledger.fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.fact FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON ledger.fact TO fosterwatch_directory
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON ledger.fact TO fosterwatch_directory_relay USING (true) WITH CHECK (true);

ALTER TABLE ledger.request ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.request FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON ledger.request TO fosterwatch_directory
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON ledger.request TO fosterwatch_directory_relay USING (true) WITH CHECK (true);

ALTER TABLE ledger.inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.inbox FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON ledger.inbox TO fosterwatch_directory
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON ledger.inbox TO fosterwatch_directory_relay USING (true) WITH CHECK (true);

ALTER TABLE ledger.parked ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.parked FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON ledger.parked TO fosterwatch_directory
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON ledger.parked TO fosterwatch_directory_relay USING (true) WITH CHECK (true);
', '2026-11-22 10:56:25.491438+00'),
	(3, 'directory_0001', 'CREATE TABLE view.body (agency_id text, body_id text, kind bigint NOT NULL, name text NOT NULL, PRIMARY KEY (agency_id, body_id));
ALTER TABLE view.body ENABLE ROW LEVEL SECURITY;
ALTER TABLE view.body FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON view.body TO fosterwatch_directory
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON view.body TO fosterwatch_directory_relay USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON view.body TO fosterwatch_directory, fosterwatch_directory_relay;
CREATE TABLE view.holder (agency_id text, holder_id text, role bigint NOT NULL, PRIMARY KEY (agency_id, holder_id));
ALTER TABLE view.holder ENABLE ROW LEVEL SECURITY;
ALTER TABLE view.holder FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON view.holder TO fosterwatch_directory
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON view.holder TO fosterwatch_directory_relay USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON view.holder TO fosterwatch_directory, fosterwatch_directory_relay;
CREATE TABLE view.publisher (agency_id text, publisher_id text, source text NOT NULL CONSTRAINT source_of_one_agency UNIQUE, PRIMARY KEY (agency_id, publisher_id));
ALTER TABLE view.publisher ENABLE ROW LEVEL SECURITY;
ALTER TABLE view.publisher FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON view.publisher TO fosterwatch_directory
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON view.publisher TO fosterwatch_directory_relay USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON view.publisher TO fosterwatch_directory, fosterwatch_directory_relay;
CREATE POLICY sources_are_seen ON view.publisher FOR SELECT TO fosterwatch_directory USING (true);', '2026-11-22 10:56:25.716155+00');
SELECT pg_catalog.setval('ledger.fact_position_seq', 17, true);
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
ALTER TABLE ONLY view.body
    ADD CONSTRAINT body_pkey PRIMARY KEY (agency_id, body_id);
ALTER TABLE ONLY view.holder
    ADD CONSTRAINT holder_pkey PRIMARY KEY (agency_id, holder_id);
ALTER TABLE ONLY view.publisher
    ADD CONSTRAINT publisher_pkey PRIMARY KEY (agency_id, publisher_id);
ALTER TABLE ONLY view.publisher
    ADD CONSTRAINT source_of_one_agency UNIQUE (source);
CREATE INDEX fact_first ON ledger.fact USING btree ("position") WHERE (version = 1);
CREATE INDEX fact_order ON ledger.fact USING btree (tx, "position");
ALTER TABLE ledger.fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.inbox ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON ledger.fact TO fosterwatch_directory USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY own_agencies ON ledger.inbox TO fosterwatch_directory USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY own_agencies ON ledger.parked TO fosterwatch_directory USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY own_agencies ON ledger.request TO fosterwatch_directory USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
ALTER TABLE ledger.parked ENABLE ROW LEVEL SECURITY;
CREATE POLICY relay ON ledger.fact TO fosterwatch_directory_relay USING (true) WITH CHECK (true);
CREATE POLICY relay ON ledger.inbox TO fosterwatch_directory_relay USING (true) WITH CHECK (true);
CREATE POLICY relay ON ledger.parked TO fosterwatch_directory_relay USING (true) WITH CHECK (true);
CREATE POLICY relay ON ledger.request TO fosterwatch_directory_relay USING (true) WITH CHECK (true);
ALTER TABLE ledger.request ENABLE ROW LEVEL SECURITY;
CREATE POLICY agency_destroys ON privacy.subject_key FOR UPDATE TO fosterwatch_directory USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK (((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))) AND (wrapped_key IS NULL)));
CREATE POLICY agency_makes ON privacy.subject_key FOR INSERT TO fosterwatch_directory WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY agency_reads ON privacy.subject_key FOR SELECT TO fosterwatch_directory USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY relay_reads ON privacy.subject_key FOR SELECT TO fosterwatch_directory_relay USING (true);
ALTER TABLE privacy.subject_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE view.body ENABLE ROW LEVEL SECURITY;
ALTER TABLE view.holder ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON view.body TO fosterwatch_directory USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY own_agencies ON view.holder TO fosterwatch_directory USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY own_agencies ON view.publisher TO fosterwatch_directory USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
ALTER TABLE view.publisher ENABLE ROW LEVEL SECURITY;
CREATE POLICY relay ON view.body TO fosterwatch_directory_relay USING (true) WITH CHECK (true);
CREATE POLICY relay ON view.holder TO fosterwatch_directory_relay USING (true) WITH CHECK (true);
CREATE POLICY relay ON view.publisher TO fosterwatch_directory_relay USING (true) WITH CHECK (true);
CREATE POLICY sources_are_seen ON view.publisher FOR SELECT TO fosterwatch_directory USING (true);
GRANT USAGE ON SCHEMA ledger TO fosterwatch_directory;
GRANT USAGE ON SCHEMA ledger TO fosterwatch_directory_relay;
GRANT USAGE ON SCHEMA privacy TO fosterwatch_directory;
GRANT USAGE ON SCHEMA privacy TO fosterwatch_directory_relay;
GRANT USAGE ON SCHEMA view TO fosterwatch_directory;
GRANT USAGE ON SCHEMA view TO fosterwatch_directory_relay;
GRANT SELECT,INSERT ON TABLE ledger.fact TO fosterwatch_directory;
GRANT SELECT ON TABLE ledger.fact TO fosterwatch_directory_relay;
GRANT SELECT,INSERT ON TABLE ledger.inbox TO fosterwatch_directory;
GRANT SELECT,DELETE ON TABLE ledger.inbox TO fosterwatch_directory_relay;
GRANT SELECT,INSERT ON TABLE ledger.parked TO fosterwatch_directory;
GRANT SELECT,UPDATE ON TABLE ledger.relay TO fosterwatch_directory_relay;
GRANT SELECT,INSERT ON TABLE ledger.request TO fosterwatch_directory;
GRANT SELECT ON TABLE privacy.subject_key TO fosterwatch_directory;
GRANT SELECT ON TABLE privacy.subject_key TO fosterwatch_directory_relay;
GRANT INSERT(agency_id) ON TABLE privacy.subject_key TO fosterwatch_directory;
GRANT INSERT(subject_id) ON TABLE privacy.subject_key TO fosterwatch_directory;
GRANT INSERT(wrapped_key),UPDATE(wrapped_key) ON TABLE privacy.subject_key TO fosterwatch_directory;
GRANT UPDATE(destroyed_time) ON TABLE privacy.subject_key TO fosterwatch_directory;
GRANT SELECT ON TABLE public.migration TO PUBLIC;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE view.body TO fosterwatch_directory;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE view.body TO fosterwatch_directory_relay;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE view.holder TO fosterwatch_directory;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE view.holder TO fosterwatch_directory_relay;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE view.publisher TO fosterwatch_directory;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE view.publisher TO fosterwatch_directory_relay;
