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
CREATE TABLE view.span (
    agency_id text NOT NULL,
    stream text NOT NULL,
    key text NOT NULL,
    aggregate_id text NOT NULL,
    begin_at timestamp with time zone,
    due_at timestamp with time zone,
    begin_fact_id text DEFAULT ''::text NOT NULL,
    end_at timestamp with time zone,
    end_fact_id text DEFAULT ''::text NOT NULL
);
ALTER TABLE ONLY view.span FORCE ROW LEVEL SECURITY;
INSERT INTO ledger.fact OVERRIDING SYSTEM VALUE VALUES
	(1, '3', '01a202a4-77b7-7245-a648-242ad4941cd0', 'agency-a', 'change', '01a202a4-779d-70a9-87f0-343de42effaa', 1, 'kpi_changed', '\x0a410a056576656e740a087369676e5f6f666612034e453312034e45351a2430316132303261342d373739642d373061392d383766302d333433646534326566666161', 'change:01a202a4-779d-70a9-87f0-343de42effaa', NULL, '2026-11-22 09:44:22.711528+00', 'service:kpis', '01a202a4-779d-70a9-87f0-343de42effaa', ''),
	(2, '3', '01a202a4-77b7-73bb-a0bc-0387ea0e1086', 'agency-a', 'change', '01a202a4-779d-76f7-9d2a-77173e63b9b4', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373739642d373666372d396432612d373731373365363362396234', 'change:01a202a4-779d-76f7-9d2a-77173e63b9b4', NULL, '2026-11-22 09:44:22.711553+00', 'service:kpis', '01a202a4-779d-76f7-9d2a-77173e63b9b4', ''),
	(3, '4', '01a202a4-77d3-77ab-8c5d-f52dbd1f02bc', 'agency-a', 'change', '01a202a4-77ba-7d5c-90f7-b8670e85f50a', 1, 'kpi_changed', '\x0a410a056576656e740a087369676e5f6f666612034e453312034e45351a2430316132303261342d373762612d376435632d393066372d623836373065383566353061', 'change:01a202a4-77ba-7d5c-90f7-b8670e85f50a', NULL, '2026-11-22 09:44:22.73988+00', 'service:kpis', '01a202a4-77ba-7d5c-90f7-b8670e85f50a', ''),
	(4, '4', '01a202a4-77d3-708b-ac19-bdaf6a87dd65', 'agency-a', 'change', '01a202a4-77ba-7fa0-ae78-11758c7f6dc3', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373762612d376661302d616537382d313137353863376636646333', 'change:01a202a4-77ba-7fa0-ae78-11758c7f6dc3', NULL, '2026-11-22 09:44:22.739897+00', 'service:kpis', '01a202a4-77ba-7fa0-ae78-11758c7f6dc3', ''),
	(5, '4', '01a202a4-77d3-7a75-a1a2-6a8648a1e6d6', 'agency-a', 'change', '01a202a4-77b4-78cd-8d58-d8c23b45bca0', 1, 'kpi_changed', '\x0a410a056576656e740a087369676e5f6f666612034e453312034e45351a2430316132303261342d373762342d373863642d386435382d643863323362343562636130', 'change:01a202a4-77b4-78cd-8d58-d8c23b45bca0', NULL, '2026-11-22 09:44:22.739908+00', 'service:kpis', '01a202a4-77b4-78cd-8d58-d8c23b45bca0', ''),
	(6, '4', '01a202a4-77d3-79ad-949b-9e73039d59a5', 'agency-a', 'change', '01a202a4-77b4-72fb-9b30-be5c3e636020', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373762342d373266622d396233302d626535633365363336303230', 'change:01a202a4-77b4-72fb-9b30-be5c3e636020', NULL, '2026-11-22 09:44:22.739915+00', 'service:kpis', '01a202a4-77b4-72fb-9b30-be5c3e636020', ''),
	(7, '4', '01a202a4-77d3-76c1-a18a-a1c0c70a38c6', 'agency-a', 'change', '01a202a4-77a5-70fc-a110-1fdb1b3681e0', 1, 'kpi_changed', '\x0a410a056576656e740a087369676e5f6f666612034e453312034e45351a2430316132303261342d373761352d373066632d613131302d316664623162333638316530', 'change:01a202a4-77a5-70fc-a110-1fdb1b3681e0', NULL, '2026-11-22 09:44:22.739922+00', 'service:kpis', '01a202a4-77a5-70fc-a110-1fdb1b3681e0', ''),
	(8, '4', '01a202a4-77d3-78bf-9f2b-5817fd475d15', 'agency-a', 'change', '01a202a4-77a5-75b7-8957-19337bdc5ed2', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373761352d373562372d383935372d313933333762646335656432', 'change:01a202a4-77a5-75b7-8957-19337bdc5ed2', NULL, '2026-11-22 09:44:22.739929+00', 'service:kpis', '01a202a4-77a5-75b7-8957-19337bdc5ed2', ''),
	(9, '4', '01a202a4-77d3-73f2-81d9-1e2a708b0fd7', 'agency-a', 'change', '01a202a4-77c4-7106-ac24-818893f3f3c3', 1, 'kpi_changed', '\x0a410a056576656e740a087369676e5f6f666612034e453312034e45351a2430316132303261342d373763342d373130362d616332342d383138383933663366336333', 'change:01a202a4-77c4-7106-ac24-818893f3f3c3', NULL, '2026-11-22 09:44:22.739935+00', 'service:kpis', '01a202a4-77c4-7106-ac24-818893f3f3c3', ''),
	(10, '4', '01a202a4-77d3-7ea1-bddf-3a8167658d86', 'agency-a', 'change', '01a202a4-77c4-7bd4-947d-a94c707b6de2', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373763342d376264342d393437642d613934633730376236646532', 'change:01a202a4-77c4-7bd4-947d-a94c707b6de2', NULL, '2026-11-22 09:44:22.73995+00', 'service:kpis', '01a202a4-77c4-7bd4-947d-a94c707b6de2', ''),
	(11, '4', '01a202a4-77d3-785c-8038-34d5c917258b', 'agency-a', 'change', '01a202a4-77c7-729d-8290-6b8c6f46e8ea', 1, 'kpi_changed', '\x0a410a056576656e740a087369676e5f6f666612034e453312034e45351a2430316132303261342d373763372d373239642d383239302d366238633666343665386561', 'change:01a202a4-77c7-729d-8290-6b8c6f46e8ea', NULL, '2026-11-22 09:44:22.739959+00', 'service:kpis', '01a202a4-77c7-729d-8290-6b8c6f46e8ea', ''),
	(12, '4', '01a202a4-77d3-75b6-ae02-e60f58cbf37a', 'agency-a', 'change', '01a202a4-77c7-7c92-8146-d81bde583214', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373763372d376339322d383134362d643831626465353833323134', 'change:01a202a4-77c7-7c92-8146-d81bde583214', NULL, '2026-11-22 09:44:22.739971+00', 'service:kpis', '01a202a4-77c7-7c92-8146-d81bde583214', ''),
	(13, '5', '01a202a4-77e0-774b-9c0c-2e76c429d2c9', 'agency-a', 'change', '01a202a4-77d4-781f-bff7-1bad8f5509be', 1, 'kpi_changed', '\x0a410a056576656e740a087369676e5f6f666612034e453312034e45351a2430316132303261342d373764342d373831662d626666372d316261643866353530396265', 'change:01a202a4-77d4-781f-bff7-1bad8f5509be', NULL, '2026-11-22 09:44:22.752855+00', 'service:kpis', '01a202a4-77d4-781f-bff7-1bad8f5509be', ''),
	(14, '6', '01a202a4-77e2-7a1f-b1f8-4bf63084f493', 'agency-a', 'change', '01a202a4-77d4-7669-8efd-4e664116f724', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373764342d373636392d386566642d346536363431313666373234', 'change:01a202a4-77d4-7669-8efd-4e664116f724', NULL, '2026-11-22 09:44:22.7548+00', 'service:kpis', '01a202a4-77d4-7669-8efd-4e664116f724', ''),
	(15, '6', '01a202a4-77e2-7e51-9a04-7f833e020925', 'agency-a', 'change', '01a202a4-77d1-7cad-9e5f-593f410ec898', 1, 'kpi_changed', '\x0a410a056576656e740a087369676e5f6f666612034e453312034e45351a2430316132303261342d373764312d376361642d396535662d353933663431306563383938', 'change:01a202a4-77d1-7cad-9e5f-593f410ec898', NULL, '2026-11-22 09:44:22.754814+00', 'service:kpis', '01a202a4-77d1-7cad-9e5f-593f410ec898', ''),
	(16, '6', '01a202a4-77e2-719b-ac43-fdd618ef9af1', 'agency-a', 'change', '01a202a4-77d1-7e5f-8b3d-c68449ababa8', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373764312d376535662d386233642d633638343439616261626138', 'change:01a202a4-77d1-7e5f-8b3d-c68449ababa8', NULL, '2026-11-22 09:44:22.754824+00', 'service:kpis', '01a202a4-77d1-7e5f-8b3d-c68449ababa8', ''),
	(17, '6', '01a202a4-77e2-757e-921e-db18a44e4354', 'agency-a', 'change', '01a202a4-77c9-795a-ad66-44807c3b6c4a', 1, 'kpi_changed', '\x0a410a056576656e740a087369676e5f6f666612034e453312034e45351a2430316132303261342d373763392d373935612d616436362d343438303763336236633461', 'change:01a202a4-77c9-795a-ad66-44807c3b6c4a', NULL, '2026-11-22 09:44:22.754833+00', 'service:kpis', '01a202a4-77c9-795a-ad66-44807c3b6c4a', ''),
	(18, '6', '01a202a4-77e2-7ebd-a49c-54b8362f1458', 'agency-a', 'change', '01a202a4-77c9-7498-8346-ef5bbe57ecdf', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373763392d373439382d383334362d656635626265353765636466', 'change:01a202a4-77c9-7498-8346-ef5bbe57ecdf', NULL, '2026-11-22 09:44:22.75484+00', 'service:kpis', '01a202a4-77c9-7498-8346-ef5bbe57ecdf', ''),
	(19, '6', '01a202a4-77e2-76fd-bd6e-95e752d45f61', 'agency-a', 'change', '01a202a4-77cb-7366-ae4b-76a7e6c2894a', 1, 'kpi_changed', '\x0a410a056576656e740a087369676e5f6f666612034e453312034e45351a2430316132303261342d373763622d373336362d616534622d373661376536633238393461', 'change:01a202a4-77cb-7366-ae4b-76a7e6c2894a', NULL, '2026-11-22 09:44:22.754848+00', 'service:kpis', '01a202a4-77cb-7366-ae4b-76a7e6c2894a', ''),
	(20, '6', '01a202a4-77e2-7d41-aa33-5179ba07c79c', 'agency-a', 'change', '01a202a4-77cb-77a5-bb58-a143ad9e2a10', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373763622d373761352d626235382d613134336164396532613130', 'change:01a202a4-77cb-77a5-bb58-a143ad9e2a10', NULL, '2026-11-22 09:44:22.754854+00', 'service:kpis', '01a202a4-77cb-77a5-bb58-a143ad9e2a10', ''),
	(21, '7', '01a202a4-77f6-7713-9a33-057402b50ced', 'agency-a', 'change', '01a202a4-77e6-71e2-87ab-c0885550c7a0', 1, 'kpi_changed', '\x0a410a056576656e740a087369676e5f6f666612034e453312034e45351a2430316132303261342d373765362d373165322d383761622d633038383535353063376130', 'change:01a202a4-77e6-71e2-87ab-c0885550c7a0', NULL, '2026-11-22 09:44:22.774644+00', 'service:kpis', '01a202a4-77e6-71e2-87ab-c0885550c7a0', ''),
	(22, '7', '01a202a4-77f6-7b37-9fe3-d5dbf9bdfb22', 'agency-a', 'change', '01a202a4-77e6-7779-85b6-3e67141dd1ef', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373765362d373737392d383562362d336536373134316464316566', 'change:01a202a4-77e6-7779-85b6-3e67141dd1ef', NULL, '2026-11-22 09:44:22.774667+00', 'service:kpis', '01a202a4-77e6-7779-85b6-3e67141dd1ef', ''),
	(23, '7', '01a202a4-77f6-730c-b919-9fddb5871b84', 'agency-a', 'change', '01a202a4-77e9-796b-b8e6-3a7b6a4c42f1', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373765392d373936622d623865362d336137623661346334326631', 'change:01a202a4-77e9-796b-b8e6-3a7b6a4c42f1', NULL, '2026-11-22 09:44:22.774678+00', 'service:kpis', '01a202a4-77e9-796b-b8e6-3a7b6a4c42f1', ''),
	(24, '7', '01a202a4-77f6-7e8a-9489-fedd0e6a834a', 'agency-a', 'change', '01a202a4-77eb-7de2-aafa-5b1c0954f4e5', 1, 'kpi_changed', '\x0a350a087369676e5f6f666612034e45351a2430316132303261342d373765622d376465322d616166612d356231633039353466346535', 'change:01a202a4-77eb-7de2-aafa-5b1c0954f4e5', NULL, '2026-11-22 09:44:22.774689+00', 'service:kpis', '01a202a4-77eb-7de2-aafa-5b1c0954f4e5', ''),
	(25, '7', '01a202a4-77f6-7f67-b2b2-6b5c6457cf1c', 'agency-a', 'change', '01a202a4-77ee-770c-9eba-6ea2c6d63b4a', 1, 'kpi_changed', '\x0a350a087369676e5f6f666612034e45351a2430316132303261342d373765652d373730632d396562612d366561326336643633623461', 'change:01a202a4-77ee-770c-9eba-6ea2c6d63b4a', NULL, '2026-11-22 09:44:22.774694+00', 'service:kpis', '01a202a4-77ee-770c-9eba-6ea2c6d63b4a', ''),
	(26, '7', '01a202a4-77f6-7363-9160-7aec513cc31c', 'agency-a', 'change', '01a202a4-77ef-73e7-93c9-21c5809dfe05', 1, 'kpi_changed', '\x0a410a056576656e740a087369676e5f6f666612034e453312034e45351a2430316132303261342d373765662d373365372d393363392d323163353830396466653035', 'change:01a202a4-77ef-73e7-93c9-21c5809dfe05', NULL, '2026-11-22 09:44:22.7747+00', 'service:kpis', '01a202a4-77ef-73e7-93c9-21c5809dfe05', ''),
	(27, '7', '01a202a4-77f6-752c-bf00-6bb6bc0a2905', 'agency-a', 'change', '01a202a4-77ef-7155-b0b2-0f4756143d0a', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373765662d373135352d623062322d306634373536313433643061', 'change:01a202a4-77ef-7155-b0b2-0f4756143d0a', NULL, '2026-11-22 09:44:22.774707+00', 'service:kpis', '01a202a4-77ef-7155-b0b2-0f4756143d0a', ''),
	(28, '7', '01a202a4-77f6-74cb-b2e8-aea88b02fc11', 'agency-a', 'change', '01a202a4-77d5-7def-a837-d61f34899312', 1, 'kpi_changed', '\x0a410a056576656e740a087369676e5f6f666612034e453312034e45351a2430316132303261342d373764352d376465662d613833372d643631663334383939333132', 'change:01a202a4-77d5-7def-a837-d61f34899312', NULL, '2026-11-22 09:44:22.774713+00', 'service:kpis', '01a202a4-77d5-7def-a837-d61f34899312', ''),
	(29, '7', '01a202a4-77f6-7467-ab8e-8d445c0196b1', 'agency-a', 'change', '01a202a4-77d5-7706-b895-af8cd50a83ba', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373764352d373730362d623839352d616638636435306138336261', 'change:01a202a4-77d5-7706-b895-af8cd50a83ba', NULL, '2026-11-22 09:44:22.774718+00', 'service:kpis', '01a202a4-77d5-7706-b895-af8cd50a83ba', ''),
	(30, '7', '01a202a4-77f6-74c5-afcb-0d1309bf04d7', 'agency-a', 'change', '01a202a4-77da-7bd6-94af-a382ae2af6cd', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373764612d376264362d393461662d613338326165326166366364', 'change:01a202a4-77da-7bd6-94af-a382ae2af6cd', NULL, '2026-11-22 09:44:22.774724+00', 'service:kpis', '01a202a4-77da-7bd6-94af-a382ae2af6cd', ''),
	(31, '7', '01a202a4-77f6-7121-882c-7ab01edff6fb', 'agency-a', 'change', '01a202a4-77e2-789f-bd5b-a79c24651198', 1, 'kpi_changed', '\x0a350a087369676e5f6f666612034e45351a2430316132303261342d373765322d373839662d626435622d613739633234363531313938', 'change:01a202a4-77e2-789f-bd5b-a79c24651198', NULL, '2026-11-22 09:44:22.774728+00', 'service:kpis', '01a202a4-77e2-789f-bd5b-a79c24651198', ''),
	(32, '7', '01a202a4-77f6-7bea-a9a4-94ac1bbc66ec', 'agency-a', 'change', '01a202a4-77e4-7bd9-b6f1-b557f3ecd6f8', 1, 'kpi_changed', '\x0a350a087369676e5f6f666612034e45351a2430316132303261342d373765342d376264392d623666312d623535376633656364366638', 'change:01a202a4-77e4-7bd9-b6f1-b557f3ecd6f8', NULL, '2026-11-22 09:44:22.774732+00', 'service:kpis', '01a202a4-77e4-7bd9-b6f1-b557f3ecd6f8', ''),
	(33, '7', '01a202a4-77f6-7167-93d3-f2cf4f2c4028', 'agency-a', 'change', '01a202a4-77e5-7942-b0a9-9a3cd8602968', 1, 'kpi_changed', '\x0a320a056576656e7412034e45331a2430316132303261342d373765352d373934322d623061392d396133636438363032393638', 'change:01a202a4-77e5-7942-b0a9-9a3cd8602968', NULL, '2026-11-22 09:44:22.774737+00', 'service:kpis', '01a202a4-77e5-7942-b0a9-9a3cd8602968', ''),
	(34, '8', '01a202a4-77ff-7376-bbcd-81aac694f8f1', 'agency-a', 'change', '01a202a4-77f2-77be-b136-187325c2b89f', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373766322d373762652d623133362d313837333235633262383966', 'change:01a202a4-77f2-77be-b136-187325c2b89f', NULL, '2026-11-22 09:44:22.783193+00', 'service:kpis', '01a202a4-77f2-77be-b136-187325c2b89f', ''),
	(35, '9', '01a202a4-7823-7d84-99c4-5976d39463c0', 'agency-a', 'change', '01a202a4-781a-7f5e-9dc8-c678742226b0', 1, 'kpi_changed', '\x0a410a056576656e740a087369676e5f6f666612034e453312034e45351a2430316132303261342d373831612d376635652d396463382d633637383734323232366230', 'change:01a202a4-781a-7f5e-9dc8-c678742226b0', NULL, '2026-11-22 09:44:22.819068+00', 'service:kpis', '01a202a4-781a-7f5e-9dc8-c678742226b0', ''),
	(36, '9', '01a202a4-7823-7c08-a2d1-b863e2ec9bc7', 'agency-a', 'change', '01a202a4-781a-7d9f-a4c8-534217aa06f2', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373831612d376439662d613463382d353334323137616130366632', 'change:01a202a4-781a-7d9f-a4c8-534217aa06f2', NULL, '2026-11-22 09:44:22.819086+00', 'service:kpis', '01a202a4-781a-7d9f-a4c8-534217aa06f2', ''),
	(37, '10', '01a202a4-7845-79cc-80c0-cca308b39be3', 'agency-a', 'change', '01a202a4-7834-7896-b163-04e39aec5ac5', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373833342d373839362d623136332d303465333961656335616335', 'change:01a202a4-7834-7896-b163-04e39aec5ac5', NULL, '2026-11-22 09:44:22.853772+00', 'service:kpis', '01a202a4-7834-7896-b163-04e39aec5ac5', ''),
	(38, '11', '01a202a4-7849-708f-9701-ff8f8da3bb06', 'agency-a', 'change', '01a202a4-7844-7fd2-88c9-ea4f984cc0f9', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373834342d376664322d383863392d656134663938346363306639', 'change:01a202a4-7844-7fd2-88c9-ea4f984cc0f9', NULL, '2026-11-22 09:44:22.857715+00', 'service:kpis', '01a202a4-7844-7fd2-88c9-ea4f984cc0f9', ''),
	(39, '12', '01a202a4-787b-7baa-92c3-948f2a9a9e38', 'agency-a', 'change', '01a202a4-785a-71fa-a557-c99ab4b3334d', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373835612d373166612d613535372d633939616234623333333464', 'change:01a202a4-785a-71fa-a557-c99ab4b3334d', NULL, '2026-11-22 09:44:22.907038+00', 'service:kpis', '01a202a4-785a-71fa-a557-c99ab4b3334d', ''),
	(40, '13', '01a202a4-787d-7c35-b154-5c554e8b9a35', 'agency-a', 'change', '01a202a4-7869-7a8a-9d09-df6f3067a926', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373836392d376138612d396430392d646636663330363761393236', 'change:01a202a4-7869-7a8a-9d09-df6f3067a926', NULL, '2026-11-22 09:44:22.909217+00', 'service:kpis', '01a202a4-7869-7a8a-9d09-df6f3067a926', ''),
	(41, '14', '01a202a4-788a-7f47-aa55-ea19815ea2b8', 'agency-a', 'change', '01a202a4-7883-7ec4-b146-c1794a567287', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373838332d376563342d623134362d633137393461353637323837', 'change:01a202a4-7883-7ec4-b146-c1794a567287', NULL, '2026-11-22 09:44:22.922336+00', 'service:kpis', '01a202a4-7883-7ec4-b146-c1794a567287', ''),
	(42, '15', '01a202a4-7892-701a-97fe-457d01989254', 'agency-a', 'change', '01a202a4-7888-76cc-9570-20dce9790510', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373838382d373663632d393537302d323064636539373930353130', 'change:01a202a4-7888-76cc-9570-20dce9790510', NULL, '2026-11-22 09:44:22.930598+00', 'service:kpis', '01a202a4-7888-76cc-9570-20dce9790510', ''),
	(43, '16', '01a202a4-78b0-7a80-a399-eb38168a4722', 'agency-a', 'change', '01a202a4-789f-7d86-aac9-b51014123832', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373839662d376438362d616163392d623531303134313233383332', 'change:01a202a4-789f-7d86-aac9-b51014123832', NULL, '2026-11-22 09:44:22.960317+00', 'service:kpis', '01a202a4-789f-7d86-aac9-b51014123832', ''),
	(44, '16', '01a202a4-78b0-7f62-9062-6423a847adeb', 'agency-a', 'change', '01a202a4-78aa-7609-85c7-9119964f9276', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373861612d373630392d383563372d393131393936346639323736', 'change:01a202a4-78aa-7609-85c7-9119964f9276', NULL, '2026-11-22 09:44:22.960334+00', 'service:kpis', '01a202a4-78aa-7609-85c7-9119964f9276', ''),
	(45, '17', '01a202a4-78c4-7a2a-be9d-0cc1efd887c4', 'agency-a', 'change', '01a202a4-78c1-76ec-8993-f7f7f3493dd9', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373863312d373665632d383939332d663766376633343933646439', 'change:01a202a4-78c1-76ec-8993-f7f7f3493dd9', NULL, '2026-11-22 09:44:22.980615+00', 'service:kpis', '01a202a4-78c1-76ec-8993-f7f7f3493dd9', ''),
	(46, '18', '01a202a4-78e4-7727-95c6-d9ba4453fc6b', 'agency-b', 'change', '01a202a4-78d9-7a2e-b69d-20de565fde15', 1, 'kpi_changed', '\x0a410a056576656e740a087369676e5f6f666612034e453312034e45351a2430316132303261342d373864392d376132652d623639642d323064653536356664653135', 'change:01a202a4-78d9-7a2e-b69d-20de565fde15', NULL, '2026-11-22 09:44:23.012593+00', 'service:kpis', '01a202a4-78d9-7a2e-b69d-20de565fde15', ''),
	(47, '18', '01a202a4-78e4-77ac-bc6e-8c69575e001a', 'agency-b', 'change', '01a202a4-78d9-718f-b4df-7df97bcf5740', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373864392d373138662d623464662d376466393762636635373430', 'change:01a202a4-78d9-718f-b4df-7df97bcf5740', NULL, '2026-11-22 09:44:23.012607+00', 'service:kpis', '01a202a4-78d9-718f-b4df-7df97bcf5740', ''),
	(48, '19', '01a202a4-78e9-7ed2-a3e3-083c73bcfca5', 'agency-a', 'change', '01a202a4-78e4-730c-a6e1-af8d40163f87', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373865342d373330632d613665312d616638643430313633663837', 'change:01a202a4-78e4-730c-a6e1-af8d40163f87', NULL, '2026-11-22 09:44:23.017096+00', 'service:kpis', '01a202a4-78e4-730c-a6e1-af8d40163f87', ''),
	(49, '20', '01a202a4-78ed-70aa-9db3-fe27e962866c', 'agency-a', 'change', '01a202a4-78e7-7352-aa37-a650b49c0e90', 1, 'kpi_changed', '\x0a410a056576656e740a087369676e5f6f666612034e453312034e45351a2430316132303261342d373865372d373335322d616133372d613635306234396330653930', 'change:01a202a4-78e7-7352-aa37-a650b49c0e90', NULL, '2026-11-22 09:44:23.021403+00', 'service:kpis', '01a202a4-78e7-7352-aa37-a650b49c0e90', ''),
	(50, '20', '01a202a4-78ed-7cab-82a3-984996423029', 'agency-a', 'change', '01a202a4-78e7-735b-a31c-d516e3871063', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373865372d373335622d613331632d643531366533383731303633', 'change:01a202a4-78e7-735b-a31c-d516e3871063', NULL, '2026-11-22 09:44:23.021419+00', 'service:kpis', '01a202a4-78e7-735b-a31c-d516e3871063', ''),
	(51, '21', '01a202a4-78fc-7907-817e-2b14eac97331', 'agency-a', 'change', '01a202a4-78ee-7073-98fa-2cc92cc0bbdc', 1, 'kpi_changed', '\x0a410a056576656e740a087369676e5f6f666612034e453312034e45351a2430316132303261342d373865652d373037332d393866612d326363393263633062626463', 'change:01a202a4-78ee-7073-98fa-2cc92cc0bbdc', NULL, '2026-11-22 09:44:23.036049+00', 'service:kpis', '01a202a4-78ee-7073-98fa-2cc92cc0bbdc', ''),
	(52, '21', '01a202a4-78fc-7004-bc5d-6f6203668dfb', 'agency-a', 'change', '01a202a4-78ee-79e8-aebd-2a57c22de419', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373865652d373965382d616562642d326135376332326465343139', 'change:01a202a4-78ee-79e8-aebd-2a57c22de419', NULL, '2026-11-22 09:44:23.036076+00', 'service:kpis', '01a202a4-78ee-79e8-aebd-2a57c22de419', ''),
	(53, '22', '01a202a4-7914-704f-bdda-f0784fc73922', 'agency-a', 'change', '01a202a4-790e-7a2b-904e-3f8afe221756', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373930652d376132622d393034652d336638616665323231373536', 'change:01a202a4-790e-7a2b-904e-3f8afe221756', NULL, '2026-11-22 09:44:23.060947+00', 'service:kpis', '01a202a4-790e-7a2b-904e-3f8afe221756', ''),
	(54, '23', '01a202a4-7918-7765-9140-2dd138364a26', 'agency-a', 'change', '01a202a4-7912-73e1-89e2-cd427fc3352a', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373931322d373365312d383965322d636434323766633333353261', 'change:01a202a4-7912-73e1-89e2-cd427fc3352a', NULL, '2026-11-22 09:44:23.06411+00', 'service:kpis', '01a202a4-7912-73e1-89e2-cd427fc3352a', ''),
	(55, '24', '01a202a4-7926-7a65-b961-00a3d89bdc93', 'agency-a', 'change', '01a202a4-7923-744f-b75e-6b783d07cdd0', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373932332d373434662d623735652d366237383364303763646430', 'change:01a202a4-7923-744f-b75e-6b783d07cdd0', NULL, '2026-11-22 09:44:23.078839+00', 'service:kpis', '01a202a4-7923-744f-b75e-6b783d07cdd0', ''),
	(56, '25', '01a202a4-7948-7091-8cdb-e480dc2897f8', 'agency-a', 'change', '01a202a4-793f-7573-aed1-2ffb3ec80b43', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373933662d373537332d616564312d326666623365633830623433', 'change:01a202a4-793f-7573-aed1-2ffb3ec80b43', NULL, '2026-11-22 09:44:23.112871+00', 'service:kpis', '01a202a4-793f-7573-aed1-2ffb3ec80b43', ''),
	(57, '26', '01a202a4-7949-7308-b5bf-d3f230ed63f6', 'agency-a', 'change', '01a202a4-793f-7b18-87bc-8205ba6cad4d', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373933662d376231382d383762632d383230356261366361643464', 'change:01a202a4-793f-7b18-87bc-8205ba6cad4d', NULL, '2026-11-22 09:44:23.11391+00', 'service:kpis', '01a202a4-793f-7b18-87bc-8205ba6cad4d', ''),
	(58, '27', '01a202a4-7958-74db-996c-d1efd2136937', 'agency-a', 'change', '01a202a4-7954-7dc2-9a02-2d8d6ed7d798', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373935342d376463322d396130322d326438643665643764373938', 'change:01a202a4-7954-7dc2-9a02-2d8d6ed7d798', NULL, '2026-11-22 09:44:23.128326+00', 'service:kpis', '01a202a4-7954-7dc2-9a02-2d8d6ed7d798', ''),
	(59, '27', '01a202a4-7958-7267-be6d-e3c0795625d9', 'agency-a', 'change', '01a202a4-7954-77ba-a250-a4056e7a7aad', 1, 'kpi_changed', '\x0a4a0a066e6f746963650a0b6e6f746963655f6475747912034e453112034e453212034e45341a2430316132303261342d373935342d373762612d613235302d613430353665376137616164', 'change:01a202a4-7954-77ba-a250-a4056e7a7aad', NULL, '2026-11-22 09:44:23.128341+00', 'service:kpis', '01a202a4-7954-77ba-a250-a4056e7a7aad', '');
INSERT INTO ledger.inbox VALUES
	('agency-a', 'kpis', '01a202a4-779d-70a9-87f0-343de42effaa'),
	('agency-a', 'kpis', '01a202a4-779d-76f7-9d2a-77173e63b9b4'),
	('agency-a', 'kpis', '01a202a4-77ba-7d5c-90f7-b8670e85f50a'),
	('agency-a', 'kpis', '01a202a4-77ba-7fa0-ae78-11758c7f6dc3'),
	('agency-a', 'kpis', '01a202a4-77b4-78cd-8d58-d8c23b45bca0'),
	('agency-a', 'kpis', '01a202a4-77b4-72fb-9b30-be5c3e636020'),
	('agency-a', 'kpis', '01a202a4-77a5-70fc-a110-1fdb1b3681e0'),
	('agency-a', 'kpis', '01a202a4-77a5-75b7-8957-19337bdc5ed2'),
	('agency-a', 'kpis', '01a202a4-77c4-7106-ac24-818893f3f3c3'),
	('agency-a', 'kpis', '01a202a4-77c4-7bd4-947d-a94c707b6de2'),
	('agency-a', 'kpis', '01a202a4-77c7-729d-8290-6b8c6f46e8ea'),
	('agency-a', 'kpis', '01a202a4-77c7-7c92-8146-d81bde583214'),
	('agency-a', 'kpis', '01a202a4-77d4-781f-bff7-1bad8f5509be'),
	('agency-a', 'kpis', '01a202a4-77d4-7669-8efd-4e664116f724'),
	('agency-a', 'kpis', '01a202a4-77d1-7cad-9e5f-593f410ec898'),
	('agency-a', 'kpis', '01a202a4-77d1-7e5f-8b3d-c68449ababa8'),
	('agency-a', 'kpis', '01a202a4-77c9-795a-ad66-44807c3b6c4a'),
	('agency-a', 'kpis', '01a202a4-77c9-7498-8346-ef5bbe57ecdf'),
	('agency-a', 'kpis', '01a202a4-77cb-7366-ae4b-76a7e6c2894a'),
	('agency-a', 'kpis', '01a202a4-77cb-77a5-bb58-a143ad9e2a10'),
	('agency-a', 'kpis', '01a202a4-77e6-71e2-87ab-c0885550c7a0'),
	('agency-a', 'kpis', '01a202a4-77e6-7779-85b6-3e67141dd1ef'),
	('agency-a', 'kpis', '01a202a4-77e9-796b-b8e6-3a7b6a4c42f1'),
	('agency-a', 'kpis', '01a202a4-77eb-7de2-aafa-5b1c0954f4e5'),
	('agency-a', 'kpis', '01a202a4-77ee-770c-9eba-6ea2c6d63b4a'),
	('agency-a', 'kpis', '01a202a4-77ef-73e7-93c9-21c5809dfe05'),
	('agency-a', 'kpis', '01a202a4-77ef-7155-b0b2-0f4756143d0a'),
	('agency-a', 'kpis', '01a202a4-77d5-7def-a837-d61f34899312'),
	('agency-a', 'kpis', '01a202a4-77d5-7706-b895-af8cd50a83ba'),
	('agency-a', 'kpis', '01a202a4-77da-7bd6-94af-a382ae2af6cd'),
	('agency-a', 'kpis', '01a202a4-77e2-789f-bd5b-a79c24651198'),
	('agency-a', 'kpis', '01a202a4-77e4-7bd9-b6f1-b557f3ecd6f8'),
	('agency-a', 'kpis', '01a202a4-77e5-7942-b0a9-9a3cd8602968'),
	('agency-a', 'kpis', '01a202a4-77f2-77be-b136-187325c2b89f'),
	('agency-a', 'kpis', '01a202a4-781a-7f5e-9dc8-c678742226b0'),
	('agency-a', 'kpis', '01a202a4-781a-7d9f-a4c8-534217aa06f2'),
	('agency-a', 'kpis', '01a202a4-7834-7896-b163-04e39aec5ac5'),
	('agency-a', 'kpis', '01a202a4-7844-7fd2-88c9-ea4f984cc0f9'),
	('agency-a', 'kpis', '01a202a4-785a-71fa-a557-c99ab4b3334d'),
	('agency-a', 'kpis', '01a202a4-7869-7a8a-9d09-df6f3067a926'),
	('agency-a', 'kpis', '01a202a4-7883-7ec4-b146-c1794a567287'),
	('agency-a', 'kpis', '01a202a4-7888-76cc-9570-20dce9790510'),
	('agency-a', 'kpis', '01a202a4-789f-7d86-aac9-b51014123832'),
	('agency-a', 'kpis', '01a202a4-78aa-7609-85c7-9119964f9276'),
	('agency-a', 'kpis', '01a202a4-78c1-76ec-8993-f7f7f3493dd9'),
	('agency-b', 'kpis', '01a202a4-78d9-7a2e-b69d-20de565fde15'),
	('agency-b', 'kpis', '01a202a4-78d9-718f-b4df-7df97bcf5740'),
	('agency-a', 'kpis', '01a202a4-78e4-730c-a6e1-af8d40163f87'),
	('agency-a', 'kpis', '01a202a4-78e7-7352-aa37-a650b49c0e90'),
	('agency-a', 'kpis', '01a202a4-78e7-735b-a31c-d516e3871063'),
	('agency-a', 'kpis', '01a202a4-78ee-7073-98fa-2cc92cc0bbdc'),
	('agency-a', 'kpis', '01a202a4-78ee-79e8-aebd-2a57c22de419'),
	('agency-a', 'kpis', '01a202a4-790e-7a2b-904e-3f8afe221756'),
	('agency-a', 'kpis', '01a202a4-7912-73e1-89e2-cd427fc3352a'),
	('agency-a', 'kpis', '01a202a4-7923-744f-b75e-6b783d07cdd0'),
	('agency-a', 'kpis', '01a202a4-793f-7573-aed1-2ffb3ec80b43'),
	('agency-a', 'kpis', '01a202a4-793f-7b18-87bc-8205ba6cad4d'),
	('agency-a', 'kpis', '01a202a4-7954-7dc2-9a02-2d8d6ed7d798'),
	('agency-a', 'kpis', '01a202a4-7954-77ba-a250-a4056e7a7aad');
INSERT INTO ledger.relay VALUES
	('bus', '0', 0);
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

CREATE POLICY agency_reads ON privacy.subject_key FOR SELECT TO "fosterwatch_kpis"
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY agency_makes ON privacy.subject_key FOR INSERT TO "fosterwatch_kpis"
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
-- The only change there is.
CREATE POLICY agency_destroys ON privacy.subject_key FOR UPDATE TO "fosterwatch_kpis"
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '',''))
    AND wrapped_key IS NULL);
CREATE POLICY relay_reads ON privacy.subject_key FOR SELECT TO "fosterwatch_kpis_relay" USING (true);

GRANT USAGE ON SCHEMA privacy TO "fosterwatch_kpis", "fosterwatch_kpis_relay";
GRANT SELECT ON privacy.subject_key TO "fosterwatch_kpis", "fosterwatch_kpis_relay";
GRANT INSERT (agency_id, subject_id, wrapped_key) ON privacy.subject_key TO "fosterwatch_kpis";
GRANT UPDATE (wrapped_key, destroyed_time) ON privacy.subject_key TO "fosterwatch_kpis";
', '2026-11-22 10:56:32.661592+00'),
	(2, 'ledger_0001', '
CREATE SCHEMA ledger;
CREATE SCHEMA view;
GRANT USAGE ON SCHEMA ledger, view TO fosterwatch_kpis, fosterwatch_kpis_relay;

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

GRANT SELECT, INSERT ON ledger.fact, ledger.request, ledger.inbox, ledger.parked TO fosterwatch_kpis;
GRANT SELECT ON ledger.fact, ledger.relay TO fosterwatch_kpis_relay;
GRANT UPDATE ON ledger.relay TO fosterwatch_kpis_relay;
GRANT SELECT, DELETE ON ledger.inbox TO fosterwatch_kpis_relay;

ALTER TABLE ledger.fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.fact FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON ledger.fact TO fosterwatch_kpis
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON ledger.fact TO fosterwatch_kpis_relay USING (true) WITH CHECK (true);

ALTER TABLE ledger.request ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.request FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON ledger.request TO fosterwatch_kpis
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON ledger.request TO fosterwatch_kpis_relay USING (true) WITH CHECK (true);

ALTER TABLE ledger.inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.inbox FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON ledger.inbox TO fosterwatch_kpis
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON ledger.inbox TO fosterwatch_kpis_relay USING (true) WITH CHECK (true);

ALTER TABLE ledger.parked ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.parked FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON ledger.parked TO fosterwatch_kpis
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON ledger.parked TO fosterwatch_kpis_relay USING (true) WITH CHECK (true);
', '2026-11-22 10:56:32.705003+00'),
	(3, 'kpis_0001', 'CREATE TABLE view.span (agency_id text, stream text, key text, aggregate_id text NOT NULL, begin_at timestamptz, due_at timestamptz, begin_fact_id text NOT NULL DEFAULT '''', end_at timestamptz, end_fact_id text NOT NULL DEFAULT '''', PRIMARY KEY (agency_id, stream, key));CREATE INDEX span_open ON view.span (agency_id, stream, begin_at) WHERE end_at IS NULL;CREATE INDEX span_ended ON view.span (agency_id, stream, end_at);
ALTER TABLE view.span ENABLE ROW LEVEL SECURITY;
ALTER TABLE view.span FORCE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON view.span TO fosterwatch_kpis
  USING (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')))
  WITH CHECK (agency_id = ANY (string_to_array(current_setting(''fosterwatch.agencies'', true), '','')));
CREATE POLICY relay ON view.span TO fosterwatch_kpis_relay USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON view.span TO fosterwatch_kpis, fosterwatch_kpis_relay;
', '2026-11-22 10:56:32.806117+00');
SELECT pg_catalog.setval('ledger.fact_position_seq', 59, true);
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
ALTER TABLE ONLY view.span
    ADD CONSTRAINT span_pkey PRIMARY KEY (agency_id, stream, key);
CREATE INDEX fact_first ON ledger.fact USING btree ("position") WHERE (version = 1);
CREATE INDEX fact_order ON ledger.fact USING btree (tx, "position");
CREATE INDEX span_ended ON view.span USING btree (agency_id, stream, end_at);
CREATE INDEX span_open ON view.span USING btree (agency_id, stream, begin_at) WHERE (end_at IS NULL);
ALTER TABLE ledger.fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.inbox ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON ledger.fact TO fosterwatch_kpis USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY own_agencies ON ledger.inbox TO fosterwatch_kpis USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY own_agencies ON ledger.parked TO fosterwatch_kpis USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY own_agencies ON ledger.request TO fosterwatch_kpis USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
ALTER TABLE ledger.parked ENABLE ROW LEVEL SECURITY;
CREATE POLICY relay ON ledger.fact TO fosterwatch_kpis_relay USING (true) WITH CHECK (true);
CREATE POLICY relay ON ledger.inbox TO fosterwatch_kpis_relay USING (true) WITH CHECK (true);
CREATE POLICY relay ON ledger.parked TO fosterwatch_kpis_relay USING (true) WITH CHECK (true);
CREATE POLICY relay ON ledger.request TO fosterwatch_kpis_relay USING (true) WITH CHECK (true);
ALTER TABLE ledger.request ENABLE ROW LEVEL SECURITY;
CREATE POLICY agency_destroys ON privacy.subject_key FOR UPDATE TO fosterwatch_kpis USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK (((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))) AND (wrapped_key IS NULL)));
CREATE POLICY agency_makes ON privacy.subject_key FOR INSERT TO fosterwatch_kpis WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY agency_reads ON privacy.subject_key FOR SELECT TO fosterwatch_kpis USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY relay_reads ON privacy.subject_key FOR SELECT TO fosterwatch_kpis_relay USING (true);
ALTER TABLE privacy.subject_key ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_agencies ON view.span TO fosterwatch_kpis USING ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text)))) WITH CHECK ((agency_id = ANY (string_to_array(current_setting('fosterwatch.agencies'::text, true), ','::text))));
CREATE POLICY relay ON view.span TO fosterwatch_kpis_relay USING (true) WITH CHECK (true);
ALTER TABLE view.span ENABLE ROW LEVEL SECURITY;
GRANT USAGE ON SCHEMA ledger TO fosterwatch_kpis;
GRANT USAGE ON SCHEMA ledger TO fosterwatch_kpis_relay;
GRANT USAGE ON SCHEMA privacy TO fosterwatch_kpis;
GRANT USAGE ON SCHEMA privacy TO fosterwatch_kpis_relay;
GRANT USAGE ON SCHEMA view TO fosterwatch_kpis;
GRANT USAGE ON SCHEMA view TO fosterwatch_kpis_relay;
GRANT SELECT,INSERT ON TABLE ledger.fact TO fosterwatch_kpis;
GRANT SELECT ON TABLE ledger.fact TO fosterwatch_kpis_relay;
GRANT SELECT,INSERT ON TABLE ledger.inbox TO fosterwatch_kpis;
GRANT SELECT,DELETE ON TABLE ledger.inbox TO fosterwatch_kpis_relay;
GRANT SELECT,INSERT ON TABLE ledger.parked TO fosterwatch_kpis;
GRANT SELECT,UPDATE ON TABLE ledger.relay TO fosterwatch_kpis_relay;
GRANT SELECT,INSERT ON TABLE ledger.request TO fosterwatch_kpis;
GRANT SELECT ON TABLE privacy.subject_key TO fosterwatch_kpis;
GRANT SELECT ON TABLE privacy.subject_key TO fosterwatch_kpis_relay;
GRANT INSERT(agency_id) ON TABLE privacy.subject_key TO fosterwatch_kpis;
GRANT INSERT(subject_id) ON TABLE privacy.subject_key TO fosterwatch_kpis;
GRANT INSERT(wrapped_key),UPDATE(wrapped_key) ON TABLE privacy.subject_key TO fosterwatch_kpis;
GRANT UPDATE(destroyed_time) ON TABLE privacy.subject_key TO fosterwatch_kpis;
GRANT SELECT ON TABLE public.migration TO PUBLIC;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE view.span TO fosterwatch_kpis;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE view.span TO fosterwatch_kpis_relay;
