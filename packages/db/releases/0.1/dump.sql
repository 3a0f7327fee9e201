--
-- PostgreSQL database dump
--


-- Dumped from database version 15.20 (Debian 15.20-0+deb12u1)
-- Dumped by pg_dump version 15.20 (Debian 15.20-0+deb12u1)

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

--
-- Name: drizzle; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA drizzle;


--
-- Name: api_key_status; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.api_key_status AS ENUM (
    'active',
    'expired',
    'revoked'
);


--
-- Name: client_type; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.client_type AS ENUM (
    'web',
    'spa',
    'native'
);


--
-- Name: credential_kind; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.credential_kind AS ENUM (
    'password',
    'passkey',
    'totp'
);


--
-- Name: invitation_status; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.invitation_status AS ENUM (
    'pending',
    'accepted',
    'declined',
    'cancelled'
);


--
-- Name: member_role; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.member_role AS ENUM (
    'owner',
    'member'
);


--
-- Name: signing_key_status; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.signing_key_status AS ENUM (
    'next',
    'active',
    'retired'
);


--
-- Name: audit_event_hash(bytea, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.audit_event_hash(previous bytea, event jsonb) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
  SELECT sha256(previous || convert_to(jsonb_strip_nulls(event - 'hash' - 'previous_hash')::text, 'UTF8'))
$$;


--
-- Name: chain_audit_event(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.chain_audit_event() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
  head audit_chain_heads;
BEGIN
  INSERT INTO audit_chain_heads (organization_id, sequence, hash) VALUES (NEW.organization_id, 0, '') ON CONFLICT DO NOTHING;
  SELECT * INTO head FROM audit_chain_heads WHERE organization_id = NEW.organization_id FOR UPDATE;
  NEW.sequence := head.sequence + 1;
  NEW.previous_hash := head.hash;
  NEW.hash := audit_event_hash(NEW.previous_hash, to_jsonb(NEW));
  UPDATE audit_chain_heads SET sequence = NEW.sequence, hash = NEW.hash WHERE organization_id = NEW.organization_id;
  RETURN NEW;
END $$;


--
-- Name: common_permissions(text[], text[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.common_permissions(p_child text[], p_parent text[]) RETURNS text[]
    LANGUAGE sql IMMUTABLE
    AS $$
  SELECT CASE
    WHEN 'admin:organization' = ANY (p_parent) THEN p_child
    ELSE ARRAY(
      SELECT name FROM unnest(CASE WHEN 'admin:organization' = ANY (p_child) THEN p_parent ELSE p_child END)
        WITH ORDINALITY AS given (name, place)
      WHERE name = ANY (p_parent) AND name ~ '^(read|write|admin):' ORDER BY place)
  END
$$;


--
-- Name: create_space_reserve(text, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.create_space_reserve(name text, bytes bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
  EXECUTE format('CREATE UNLOGGED TABLE public.%I (filler bigint)
    WITH (fillfactor = 10, autovacuum_enabled = off, vacuum_truncate = off)', name);
  WHILE pg_relation_size(format('public.%I', name)::regclass) < bytes LOOP
    EXECUTE format('INSERT INTO public.%I SELECT 0 FROM generate_series(1, 2000)', name);
  END LOOP;
END $$;


--
-- Name: drop_audit_partition(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.drop_audit_partition(month text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    AS $_$
DECLARE
  unanchored text;
BEGIN
  IF month !~ '^audit_events_\d{4}_\d{2}$'
    OR to_timestamp(right(month, 7), 'YYYY_MM') >= date_trunc('month', now())
    OR NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = 'audit_events'::regclass AND inhrelid = to_regclass(month))
  THEN
    RAISE EXCEPTION '% is no month of the audit trail that is over', month USING ERRCODE = 'DA004';
  END IF;
  EXECUTE format('LOCK TABLE %I IN SHARE MODE', month);
  EXECUTE format('SELECT organization_id FROM (
      SELECT DISTINCT ON (organization_id) organization_id, sequence, hash FROM %I ORDER BY organization_id, sequence DESC
    ) last WHERE NOT EXISTS (
      SELECT FROM audit_anchors anchor WHERE anchor.organization_id = last.organization_id
        AND anchor.sequence = last.sequence AND anchor.hash = last.hash AND anchor.dropped_partition = %L
    ) LIMIT 1', month, month) INTO unanchored;
  IF unanchored IS NOT NULL THEN
    RAISE EXCEPTION 'the chain of % has no anchor for %', unanchored, month USING ERRCODE = 'DA004';
  END IF;
  EXECUTE format('DROP TABLE %I', month);
END $_$;


--
-- Name: end_keys_of_membership(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.end_keys_of_membership() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  UPDATE api_keys SET status = 'revoked', revoked_at = now()
    WHERE user_id = OLD.user_id AND organization_id = OLD.organization_id AND status = 'active';
  DELETE FROM api_key_organizations
    WHERE user_id = OLD.user_id AND organization_id = OLD.organization_id AND active;
  RETURN NULL;
END $$;


--
-- Name: ensure_audit_partitions(integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.ensure_audit_partitions(months_ahead integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    SET lock_timeout TO '2s'
    AS $$
DECLARE
  first timestamptz;
  partition text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('daytona_auth ensure_audit_partitions'));
  -- As an array: a query that is still read would keep the default partition from being altered.
  FOREACH first IN ARRAY ARRAY(
    SELECT date_trunc('month', now()) + make_interval(months => month) FROM generate_series(0, months_ahead) AS month
    UNION SELECT date_trunc('month', created_at) FROM audit_events_default
  ) LOOP
    partition := 'audit_events_' || to_char(first, 'YYYY_MM');
    CONTINUE WHEN to_regclass(partition) IS NOT NULL;
    EXECUTE format('CREATE TABLE %I (LIKE audit_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition);
    LOCK TABLE audit_events_default IN ACCESS EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM audit_events_default WHERE created_at >= first AND created_at < first + interval '1 month') THEN
      EXECUTE format('INSERT INTO %I SELECT * FROM audit_events_default WHERE created_at >= %L AND created_at < %L',
        partition, first, first + interval '1 month');
      ALTER TABLE audit_events_default DISABLE TRIGGER refuse_audit_change;
      DELETE FROM audit_events_default WHERE created_at >= first AND created_at < first + interval '1 month';
      ALTER TABLE audit_events_default ENABLE TRIGGER refuse_audit_change;
    END IF;
    EXECUTE format('ALTER TABLE audit_events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', partition, first, first + interval '1 month');
    EXECUTE format('CREATE TRIGGER refuse_audit_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()', partition);
  END LOOP;
END $$;


--
-- Name: fill_api_key_organization(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.fill_api_key_organization() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
  parent text;
BEGIN
  SELECT user_id, name, status = 'active', expires_at, permissions, parent_key_id
    INTO NEW.user_id, NEW.name, NEW.active, NEW.expires_at, NEW.permissions, parent
    FROM api_keys WHERE id = NEW.key_id;
  IF parent IS NOT NULL THEN
    PERFORM FROM api_key_organizations WHERE key_id = parent AND organization_id = NEW.organization_id FOR KEY SHARE;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'the parent key does not reach the organization' USING ERRCODE = 'DA002';
    END IF;
  END IF;
  RETURN NEW;
END $$;


--
-- Name: fill_space_reserve(bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.fill_space_reserve(bytes bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET lock_timeout TO '1s'
    SET client_min_messages TO 'warning'
    AS $$
DECLARE
  is_released boolean := to_regclass('public.space_reserve') IS NULL;
BEGIN
  -- A server's role may call this, so that it must not fill the disk.
  bytes := least(bytes, 1073741824);
  IF NOT is_released AND pg_relation_size(to_regclass('public.space_reserve')) >= bytes THEN
    RETURN true;
  END IF;
  IF NOT pg_try_advisory_xact_lock(hashtext('daytona_auth space reserve')) THEN
    RETURN NOT is_released;
  END IF;
  BEGIN
    IF is_released THEN
      PERFORM create_space_reserve('space_reserve_probe', bytes);
    END IF;
    DROP TABLE IF EXISTS public.space_reserve;
    PERFORM create_space_reserve('space_reserve', bytes);
    DROP TABLE IF EXISTS public.space_reserve_probe;
    RETURN true;
  EXCEPTION WHEN disk_full THEN
    -- What was written is removed with the subtransaction. Without any reserve the disk is too full for creations.
    IF NOT is_released AND pg_relation_size(to_regclass('public.space_reserve')) = 0 THEN
      DROP TABLE IF EXISTS public.space_reserve;
      RETURN false;
    END IF;
    RETURN NOT is_released;
  END;
END $$;


--
-- Name: follow_api_key(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.follow_api_key() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  UPDATE api_key_organizations
    SET name = NEW.name, user_id = NEW.user_id, active = (NEW.status = 'active'), expires_at = NEW.expires_at,
      permissions = NEW.permissions
    WHERE key_id = NEW.id;
  IF NEW.status = 'revoked' THEN
    UPDATE api_keys SET status = 'revoked', revoked_at = now() WHERE parent_key_id = NEW.id AND status = 'active';
  END IF;
  RETURN NULL;
END $$;


--
-- Name: keep_api_key_dead(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.keep_api_key_dead() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  RAISE EXCEPTION 'a key that is % stays so', OLD.status USING ERRCODE = 'DA003';
END $$;


--
-- Name: keep_grant_dead(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.keep_grant_dead() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  RAISE EXCEPTION 'a revoked grant stays revoked' USING ERRCODE = 'DA003';
END $$;


--
-- Name: keep_last_owner(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.keep_last_owner() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  PERFORM FROM organizations WHERE id = OLD.organization_id FOR NO KEY UPDATE;
  IF FOUND AND NOT EXISTS (
    SELECT FROM organization_members WHERE organization_id = OLD.organization_id AND role = 'owner'
  ) THEN
    RAISE EXCEPTION 'an organization keeps an owner' USING ERRCODE = 'DA005';
  END IF;
  RETURN NULL;
END $$;


--
-- Name: kill_what_client_had(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.kill_what_client_had() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  UPDATE grants SET revoked_at = now(), revoked_reason = 'client deleted' WHERE client_id = OLD.id AND revoked_at IS NULL;
  DELETE FROM consents WHERE client_id = OLD.id;
  DELETE FROM oidc_artifacts WHERE client_id = OLD.id;
  RETURN NULL;
END $$;


--
-- Name: kill_what_grant_made(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.kill_what_grant_made() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  DELETE FROM oidc_artifacts WHERE grant_id = OLD.id;
  UPDATE api_keys SET status = 'revoked', revoked_at = now() WHERE parent_grant_id = OLD.id AND status = 'active';
  RETURN NULL;
END $$;


--
-- Name: lock_authority(text, text[], text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.lock_authority(p_scope text, p_organizations text[], p_user text, p_key text, p_grant text) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
  v_organizations text[] := p_organizations;
  v_lineage text[];
  v_grants text[];
BEGIN
  IF v_organizations IS NULL THEN
    SELECT coalesce(array_agg(organization_id), '{}') INTO v_organizations
      FROM organization_members WHERE user_id = p_user;
  END IF;
  IF p_scope = 'administer' THEN
    PERFORM FROM organizations WHERE id = ANY (v_organizations) ORDER BY id FOR NO KEY UPDATE;
  ELSE
    PERFORM FROM organizations WHERE id = ANY (v_organizations) ORDER BY id FOR KEY SHARE;
  END IF;
  IF p_scope = 'use' THEN
    PERFORM FROM users WHERE id = p_user FOR SHARE;
  ELSE
    PERFORM FROM users WHERE id = p_user FOR NO KEY UPDATE;
  END IF;
  PERFORM FROM organization_members
    WHERE user_id = p_user AND organization_id = ANY (v_organizations) ORDER BY organization_id FOR SHARE;
  -- Built-in roles are everybody's: their rows are not locked, and only a migration changes them.
  PERFORM FROM member_roles assigned JOIN roles ON roles.id = assigned.role_id
    WHERE assigned.user_id = p_user AND assigned.organization_id = ANY (v_organizations)
      AND roles.organization_id IS NOT NULL
    ORDER BY assigned.organization_id, roles.id FOR SHARE OF assigned, roles;
  IF p_key IS NOT NULL THEN
    WITH RECURSIVE lineage AS (
      SELECT id, parent_key_id, parent_grant_id FROM api_keys WHERE id = p_key
      UNION SELECT parent.id, parent.parent_key_id, parent.parent_grant_id
      FROM api_keys parent JOIN lineage ON parent.id = lineage.parent_key_id
    ) SELECT array_agg(id), array_agg(parent_grant_id) INTO v_lineage, v_grants FROM lineage;
    -- Whoever revokes takes a key before its children, and a key is older than its children: their ids sort like that.
    PERFORM FROM api_keys WHERE id = ANY (v_lineage) AND (p_scope = 'use' OR id <> p_key) ORDER BY id FOR SHARE;
    IF p_scope <> 'use' THEN
      PERFORM FROM api_keys WHERE id = p_key FOR NO KEY UPDATE;
    END IF;
    PERFORM FROM api_key_organizations
      WHERE key_id = ANY (v_lineage) AND organization_id = ANY (v_organizations)
      ORDER BY key_id, organization_id FOR KEY SHARE;
    PERFORM FROM grants WHERE id = ANY (v_grants) ORDER BY id FOR SHARE;
  END IF;
  IF p_grant IS NOT NULL THEN
    IF p_scope = 'use' THEN
      PERFORM FROM grants WHERE id = p_grant FOR SHARE;
    ELSE
      PERFORM FROM grants WHERE id = p_grant FOR NO KEY UPDATE;
    END IF;
  END IF;
END $$;


--
-- Name: narrow_child_keys(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.narrow_child_keys() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  UPDATE api_keys SET status = 'revoked', revoked_at = now()
    WHERE parent_key_id = OLD.key_id AND organization_id = OLD.organization_id AND status = 'active';
  DELETE FROM api_key_organizations child USING api_keys
    WHERE api_keys.id = child.key_id AND api_keys.parent_key_id = OLD.key_id AND child.organization_id = OLD.organization_id;
  RETURN NULL;
END $$;


--
-- Name: narrow_children_of_grant(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.narrow_children_of_grant() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
  is_first_party boolean := coalesce((SELECT first_party FROM oidc_clients WHERE id = NEW.client_id), false);
BEGIN
  IF NEW.organization_ids IS NOT NULL THEN
    UPDATE api_keys SET status = 'revoked', revoked_at = now()
      WHERE parent_grant_id = NEW.id AND status = 'active' AND organization_id <> ALL (NEW.organization_ids);
    DELETE FROM api_key_organizations reached USING api_keys
      WHERE api_keys.id = reached.key_id AND parent_grant_id = NEW.id AND status = 'active'
        AND reached.organization_id <> ALL (NEW.organization_ids);
  END IF;
  IF NOT is_first_party THEN
    UPDATE api_keys SET status = 'revoked', revoked_at = now()
      WHERE parent_grant_id = NEW.id AND status = 'active' AND common_permissions(permissions, NEW.scopes) = '{}';
    UPDATE api_keys SET permissions = common_permissions(permissions, NEW.scopes)
      WHERE parent_grant_id = NEW.id AND status = 'active' AND permissions <> common_permissions(permissions, NEW.scopes);
  END IF;
  UPDATE api_keys SET expires_at = NEW.expires_at
    WHERE parent_grant_id = NEW.id AND status = 'active' AND (expires_at IS NULL OR expires_at > NEW.expires_at);
  RETURN NULL;
END $$;


--
-- Name: narrow_children_of_key(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.narrow_children_of_key() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  UPDATE api_keys SET status = 'revoked', revoked_at = now()
    WHERE parent_key_id = NEW.id AND status = 'active' AND common_permissions(permissions, NEW.permissions) = '{}';
  UPDATE api_keys SET permissions = common_permissions(permissions, NEW.permissions), expires_at = LEAST(expires_at, NEW.expires_at)
    WHERE parent_key_id = NEW.id AND status = 'active'
      AND (permissions <> common_permissions(permissions, NEW.permissions) OR expires_at IS NULL OR expires_at > NEW.expires_at);
  RETURN NULL;
END $$;


--
-- Name: narrow_grants_of_client(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.narrow_grants_of_client() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  UPDATE grants SET scopes = ARRAY(SELECT scope FROM unnest(scopes) scope WHERE scope = 'openid' OR scope = ANY (NEW.scopes))
    WHERE client_id = NEW.id AND revoked_at IS NULL AND NOT scopes <@ (ARRAY['openid'] || NEW.scopes);
  RETURN NULL;
END $$;


--
-- Name: notify_all(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.notify_all() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  PERFORM pg_notify('daytona_auth', 'all:' || TG_TABLE_NAME);
  RETURN NULL;
END $$;


--
-- Name: notify_change(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.notify_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
  before jsonb := CASE WHEN TG_OP = 'INSERT' THEN NULL ELSE to_jsonb(OLD) END;
  after jsonb := CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE to_jsonb(NEW) END;
  i int := 0;
BEGIN
  WHILE i < TG_NARGS LOOP
    IF before ->> TG_ARGV[i + 1] IS NOT NULL THEN
      PERFORM pg_notify('daytona_auth', TG_ARGV[i] || ':' || (before ->> TG_ARGV[i + 1]));
    END IF;
    IF after ->> TG_ARGV[i + 1] IS NOT NULL AND after ->> TG_ARGV[i + 1] IS DISTINCT FROM before ->> TG_ARGV[i + 1] THEN
      PERFORM pg_notify('daytona_auth', TG_ARGV[i] || ':' || (after ->> TG_ARGV[i + 1]));
    END IF;
    i := i + 2;
  END LOOP;
  RETURN NULL;
END $$;


--
-- Name: refuse_audit_change(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.refuse_audit_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'DA004';
END $$;


--
-- Name: refuse_head_change(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.refuse_head_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.organization_id = OLD.organization_id AND NEW.sequence = OLD.sequence + 1 THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'DA004';
END $$;


--
-- Name: refuse_without_reserve(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.refuse_without_reserve() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF to_regclass('public.space_reserve') IS NULL THEN
    RAISE EXCEPTION 'the disk of the database is full: nothing is created until it has space'
      USING ERRCODE = 'disk_full', CONSTRAINT = 'space_reserve';
  END IF;
  RETURN NULL;
END $$;


--
-- Name: release_space_reserve(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.release_space_reserve() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET lock_timeout TO '1s'
    SET client_min_messages TO 'warning'
    AS $$
BEGIN
  IF to_regclass('public.space_reserve') IS NOT NULL THEN
    IF pg_relation_size(to_regclass('public.space_reserve')) = 0 THEN
      RETURN false;
    END IF;
    DROP TABLE IF EXISTS public.space_reserve;
  END IF;
  RETURN true;
END $$;


--
-- Name: require_live_grant(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.require_live_grant() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  PERFORM FROM grants WHERE id = NEW.grant_id AND revoked_at IS NULL FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the grant is revoked or unknown' USING ERRCODE = 'DA001';
  END IF;
  RETURN NEW;
END $$;


--
-- Name: require_live_parent(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.require_live_parent() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF NEW.parent_key_id IS NOT NULL THEN
    PERFORM FROM api_keys
      WHERE id = NEW.parent_key_id AND status = 'active' AND (expires_at IS NULL OR expires_at > now()) FOR SHARE;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'the parent key is not active' USING ERRCODE = 'DA002';
    END IF;
  END IF;
  IF NEW.parent_grant_id IS NOT NULL THEN
    PERFORM FROM grants WHERE id = NEW.parent_grant_id AND revoked_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'the parent grant is revoked or unknown' USING ERRCODE = 'DA002';
    END IF;
  END IF;
  RETURN NEW;
END $$;


--
-- Name: require_membership(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.require_membership() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  PERFORM FROM organization_members WHERE organization_id = NEW.organization_id AND user_id = NEW.user_id FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the owner of the key is no member of the organization' USING ERRCODE = 'DA006';
  END IF;
  RETURN NEW;
END $$;


--
-- Name: require_narrower_than_parent(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.require_narrower_than_parent() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
  parent record;
BEGIN
  IF NEW.parent_key_id IS NOT NULL THEN
    SELECT permissions, expires_at INTO parent FROM api_keys WHERE id = NEW.parent_key_id;
    NEW.permissions := common_permissions(NEW.permissions, parent.permissions);
    NEW.expires_at := LEAST(NEW.expires_at, parent.expires_at);
  END IF;
  IF NEW.parent_grant_id IS NOT NULL THEN
    SELECT grants.scopes, grants.expires_at, coalesce(first_party, false) AS first_party INTO parent
      FROM grants LEFT JOIN oidc_clients ON oidc_clients.id = client_id WHERE grants.id = NEW.parent_grant_id;
    IF NOT parent.first_party THEN
      NEW.permissions := common_permissions(NEW.permissions, parent.scopes);
    END IF;
    NEW.expires_at := LEAST(NEW.expires_at, parent.expires_at);
  END IF;
  RETURN NEW;
END $$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: __drizzle_migrations; Type: TABLE; Schema: drizzle; Owner: -
--

CREATE TABLE drizzle.__drizzle_migrations (
    id integer NOT NULL,
    hash text NOT NULL,
    created_at bigint
);


--
-- Name: __drizzle_migrations_id_seq; Type: SEQUENCE; Schema: drizzle; Owner: -
--

CREATE SEQUENCE drizzle.__drizzle_migrations_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: __drizzle_migrations_id_seq; Type: SEQUENCE OWNED BY; Schema: drizzle; Owner: -
--

ALTER SEQUENCE drizzle.__drizzle_migrations_id_seq OWNED BY drizzle.__drizzle_migrations.id;


--
-- Name: api_key_organizations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_key_organizations (
    key_id text NOT NULL,
    organization_id text NOT NULL,
    user_id text NOT NULL,
    name text NOT NULL,
    active boolean DEFAULT true NOT NULL,
    expires_at timestamp with time zone,
    permissions text[] DEFAULT '{}'::text[] NOT NULL
);


--
-- Name: api_key_secrets; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_key_secrets (
    digest bytea NOT NULL,
    key_id text NOT NULL,
    hint text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    last_used_at timestamp with time zone,
    last_used_ip text
);


--
-- Name: api_key_usage; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_key_usage (
    key_id text NOT NULL,
    organization_id text NOT NULL,
    hour timestamp with time zone NOT NULL,
    allowed bigint DEFAULT 0 NOT NULL,
    denied bigint DEFAULT 0 NOT NULL
);


--
-- Name: api_key_usage_days; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_key_usage_days (
    key_id text NOT NULL,
    organization_id text NOT NULL,
    day timestamp with time zone NOT NULL,
    allowed bigint DEFAULT 0 NOT NULL,
    denied bigint DEFAULT 0 NOT NULL
);


--
-- Name: api_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_keys (
    id text NOT NULL,
    organization_id text NOT NULL,
    user_id text NOT NULL,
    name text NOT NULL,
    permissions text[] NOT NULL,
    status public.api_key_status DEFAULT 'active'::public.api_key_status NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    parent_key_id text,
    parent_grant_id text,
    description text DEFAULT ''::text NOT NULL
);


--
-- Name: audit_anchors; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_anchors (
    organization_id text NOT NULL,
    sequence bigint NOT NULL,
    hash bytea NOT NULL,
    dropped_partition text NOT NULL,
    signature text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    kept jsonb DEFAULT '[]'::jsonb NOT NULL
);


--
-- Name: audit_chain_heads; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_chain_heads (
    organization_id text NOT NULL,
    sequence bigint NOT NULL,
    hash bytea NOT NULL
);


--
-- Name: audit_events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_events (
    id text NOT NULL,
    organization_id text NOT NULL,
    sequence bigint DEFAULT 0 NOT NULL,
    actor_id text,
    actor_email text,
    actor_api_key_prefix text,
    actor_api_key_suffix text,
    action text NOT NULL,
    target_type text,
    target_id text,
    status_code integer,
    error_message text,
    ip_address text,
    user_agent text,
    source text NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    previous_hash bytea,
    hash bytea
)
PARTITION BY RANGE (created_at);


--
-- Name: audit_events_2026_11; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_events_2026_11 (
    id text NOT NULL,
    organization_id text NOT NULL,
    sequence bigint DEFAULT 0 NOT NULL,
    actor_id text,
    actor_email text,
    actor_api_key_prefix text,
    actor_api_key_suffix text,
    action text NOT NULL,
    target_type text,
    target_id text,
    status_code integer,
    error_message text,
    ip_address text,
    user_agent text,
    source text NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    previous_hash bytea,
    hash bytea
);


--
-- Name: audit_events_2026_12; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_events_2026_12 (
    id text NOT NULL,
    organization_id text NOT NULL,
    sequence bigint DEFAULT 0 NOT NULL,
    actor_id text,
    actor_email text,
    actor_api_key_prefix text,
    actor_api_key_suffix text,
    action text NOT NULL,
    target_type text,
    target_id text,
    status_code integer,
    error_message text,
    ip_address text,
    user_agent text,
    source text NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    previous_hash bytea,
    hash bytea
);


--
-- Name: audit_events_2027_01; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_events_2027_01 (
    id text NOT NULL,
    organization_id text NOT NULL,
    sequence bigint DEFAULT 0 NOT NULL,
    actor_id text,
    actor_email text,
    actor_api_key_prefix text,
    actor_api_key_suffix text,
    action text NOT NULL,
    target_type text,
    target_id text,
    status_code integer,
    error_message text,
    ip_address text,
    user_agent text,
    source text NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    previous_hash bytea,
    hash bytea
);


--
-- Name: audit_events_2027_02; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_events_2027_02 (
    id text NOT NULL,
    organization_id text NOT NULL,
    sequence bigint DEFAULT 0 NOT NULL,
    actor_id text,
    actor_email text,
    actor_api_key_prefix text,
    actor_api_key_suffix text,
    action text NOT NULL,
    target_type text,
    target_id text,
    status_code integer,
    error_message text,
    ip_address text,
    user_agent text,
    source text NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    previous_hash bytea,
    hash bytea
);


--
-- Name: audit_events_default; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_events_default (
    id text NOT NULL,
    organization_id text NOT NULL,
    sequence bigint DEFAULT 0 NOT NULL,
    actor_id text,
    actor_email text,
    actor_api_key_prefix text,
    actor_api_key_suffix text,
    action text NOT NULL,
    target_type text,
    target_id text,
    status_code integer,
    error_message text,
    ip_address text,
    user_agent text,
    source text NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    previous_hash bytea,
    hash bytea
);


--
-- Name: consent_organizations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.consent_organizations (
    user_id text NOT NULL,
    client_id text NOT NULL,
    organization_id text NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: consents; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.consents (
    user_id text NOT NULL,
    client_id text NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: email_verifications; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.email_verifications (
    user_id text NOT NULL,
    email text NOT NULL,
    token_digest bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone DEFAULT now() NOT NULL,
    sent integer DEFAULT 1 NOT NULL,
    sent_since timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: grants; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.grants (
    id text NOT NULL,
    user_id text NOT NULL,
    client_id text NOT NULL,
    scopes text[] NOT NULL,
    organization_ids text[],
    session_uid text,
    payload jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    revoked_reason text
);


--
-- Name: invitation_roles; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.invitation_roles (
    invitation_id text NOT NULL,
    role_id text NOT NULL
);


--
-- Name: member_roles; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.member_roles (
    organization_id text NOT NULL,
    user_id text NOT NULL,
    role_id text NOT NULL
);


--
-- Name: oidc_artifacts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.oidc_artifacts (
    model text NOT NULL,
    digest bytea NOT NULL,
    payload jsonb NOT NULL,
    grant_id text,
    account_id text,
    client_id text,
    uid text,
    user_code text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    consumed_at timestamp with time zone
);


--
-- Name: oidc_clients; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.oidc_clients (
    id text NOT NULL,
    name text NOT NULL,
    type public.client_type NOT NULL,
    secret_digest bytea,
    redirect_uris text[] NOT NULL,
    post_logout_redirect_uris text[] DEFAULT '{}'::text[] NOT NULL,
    scopes text[] NOT NULL,
    homepage_uri text,
    logo_uri text,
    first_party boolean DEFAULT false NOT NULL,
    organization_id text,
    created_by text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    require_pkce boolean DEFAULT false NOT NULL,
    device_grant boolean DEFAULT false NOT NULL,
    id_token_signed_response_alg text DEFAULT 'RS256'::text NOT NULL
);


--
-- Name: organization_invitations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.organization_invitations (
    id text NOT NULL,
    organization_id text NOT NULL,
    email text NOT NULL,
    role public.member_role NOT NULL,
    invited_by text NOT NULL,
    status public.invitation_status DEFAULT 'pending'::public.invitation_status NOT NULL,
    token_digest bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: organization_members; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.organization_members (
    organization_id text NOT NULL,
    user_id text NOT NULL,
    role public.member_role NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: organizations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.organizations (
    id text NOT NULL,
    name text NOT NULL,
    personal boolean DEFAULT false NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    suspended_at timestamp with time zone,
    suspension_reason text,
    suspended_until timestamp with time zone
);


--
-- Name: registries; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.registries (
    id text NOT NULL,
    organization_id text NOT NULL,
    name text NOT NULL,
    url text NOT NULL,
    username text NOT NULL,
    sealed_password text NOT NULL,
    project text DEFAULT ''::text NOT NULL,
    created_by text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: roles; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.roles (
    id text NOT NULL,
    organization_id text,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    permissions text[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: sandboxes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sandboxes (
    id text NOT NULL,
    organization_id text NOT NULL,
    name text NOT NULL,
    snapshot text,
    state text DEFAULT 'creating'::text NOT NULL,
    labels jsonb DEFAULT '{}'::jsonb NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_by text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    error_reason text,
    recoverable boolean DEFAULT false NOT NULL
);


--
-- Name: signing_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.signing_keys (
    kid text NOT NULL,
    alg text NOT NULL,
    status public.signing_key_status NOT NULL,
    public_jwk jsonb NOT NULL,
    private_jwk text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    activated_at timestamp with time zone,
    retired_at timestamp with time zone
);


--
-- Name: snapshots; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.snapshots (
    id text NOT NULL,
    organization_id text NOT NULL,
    name text NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    size bigint,
    error_reason text,
    source_sandbox_id text,
    last_used_at timestamp with time zone,
    created_by text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: space_reserve; Type: TABLE; Schema: public; Owner: -
--

CREATE UNLOGGED TABLE public.space_reserve (
    filler bigint
)
WITH (fillfactor='10', autovacuum_enabled=off, vacuum_truncate=off);


--
-- Name: user_credentials; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.user_credentials (
    id text NOT NULL,
    user_id text NOT NULL,
    kind public.credential_kind NOT NULL,
    secret text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: users; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.users (
    id text NOT NULL,
    email text NOT NULL,
    email_verified boolean DEFAULT false NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    disabled_at timestamp with time zone
);


--
-- Name: volumes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.volumes (
    id text NOT NULL,
    organization_id text NOT NULL,
    name text NOT NULL,
    state text DEFAULT 'pending_create'::text NOT NULL,
    error_reason text,
    last_used_at timestamp with time zone,
    deleted_at timestamp with time zone,
    created_by text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: audit_events_2026_11; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_events ATTACH PARTITION public.audit_events_2026_11 FOR VALUES FROM ('2026-11-01 00:00:00+00') TO ('2026-12-01 00:00:00+00');


--
-- Name: audit_events_2026_12; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_events ATTACH PARTITION public.audit_events_2026_12 FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2027-01-01 00:00:00+00');


--
-- Name: audit_events_2027_01; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_events ATTACH PARTITION public.audit_events_2027_01 FOR VALUES FROM ('2027-01-01 00:00:00+00') TO ('2027-02-01 00:00:00+00');


--
-- Name: audit_events_2027_02; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_events ATTACH PARTITION public.audit_events_2027_02 FOR VALUES FROM ('2027-02-01 00:00:00+00') TO ('2027-03-01 00:00:00+00');


--
-- Name: audit_events_default; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_events ATTACH PARTITION public.audit_events_default DEFAULT;


--
-- Name: __drizzle_migrations id; Type: DEFAULT; Schema: drizzle; Owner: -
--

ALTER TABLE ONLY drizzle.__drizzle_migrations ALTER COLUMN id SET DEFAULT nextval('drizzle.__drizzle_migrations_id_seq'::regclass);


--
-- Data for Name: __drizzle_migrations; Type: TABLE DATA; Schema: drizzle; Owner: -
--

INSERT INTO drizzle.__drizzle_migrations VALUES
	(1, '05d04be9b8122a619ccd5083d90bb83aecca7f4ae8433a89f1afbb6b9172eafa', 1795415425954),
	(2, '6b3f72d42fbd7c3a3ca110897604005b9b1c0cf40629d25c6ed409e788eb9c59', 1795415600287),
	(3, '05071d5122bc616c826d7dd0f22e2a7e39f6015f45413f4a84155c004c197ec8', 1795415600906),
	(4, '5206e99731e7f0c5a1f333369229929531ab142ad2b525fcf53cb752c208acad', 1795415601596),
	(5, 'ff717a0628de9c79fa8ce0df326aa3245ba1bf06d179187380fc21b06f972aff', 1795415602345),
	(6, 'dc88a343f14af5c3a33973de0f2cb403f41660a785cad537115a66041766d579', 1795419445369),
	(7, '923464208126d4d8bfe6dd3c07712b64b2e0ab9d5467002887201b617bbe5926', 1795419584538),
	(8, '117b11aa2c0064d0bd0f5a310c16635fb9f0c75e1ec8f786a07ed24d5744a0f7', 1795419627553),
	(9, '6bbaf70e2e90704713792d91fe2b0411cec234ef5c064f80b2ee36fec8e143f1', 1795421986473),
	(10, '5d7a65d298c1ab9754624a04048984d165b197892029ddbb9767b1075960b92d', 1795421987436),
	(11, '6fb9aeb5ae3299e1c2a5027b5310dcacf37ee41b4bbeef147b07386bd6b29bef', 1795422573280),
	(12, '9d7dbaa9e2ac9769663a0d9b8147fb4195957c8d836389af078c33e0fe7e9461', 1795547506419),
	(13, '554dd16e0f2229bf6df4b15ecf848749d86af7f3839cb0a3f9eed8dd71e14586', 1795549419446),
	(14, '909b81c35e27ac896bd86b96a17d357d8a3bb38cc2aa6cbb58a99f91c7619734', 1795897430740),
	(15, 'dc89b5ecc545d34dfb04673e21ccc75a5fba2e8fa7714f81ebcdb1b45cfd8634', 1795898248181),
	(16, '7e0ddbd7007eb647bf47b4f9bab440b01f180156b268ebaa6ff91d81cc12d20e', 1795899084118),
	(17, 'f07d998433bb32a30ac8a7c94214c9aa4574c2226221b24ea8bc165843ecf7c1', 1795899350165),
	(18, '07ecc6a4a8850d0a6a8f6bd1b01713f5835a6d75e711fbe6187333889cfb86a1', 1795899613363),
	(19, '2391b65c931572a77c5f942ca6e6d9c67f9aa6e8a78464f922c40745b7d736f8', 1795909941615),
	(20, 'fe4671d449da2d8ea3f5d088d355ba46d287f51ec02c556523d23d44a2bf0456', 1795910023708),
	(21, '28606ff58e287c07838ed9e49b4463a5d49db1c78ab07c47d285f35672de459c', 1795910032666),
	(22, 'bf144e092d430f601716afe51ba387ea9a6342166782d19f67e4817c66d466da', 1795911318880),
	(23, 'f4aee8c12ad7463f0e0a7d500ccbe234f86bb36fba99125d8d05bec52b7f041d', 1795922954239),
	(24, 'fad2021b69f3008654ef9e9b9977bfab9d2b076604e6dd121623775ea75b96c0', 1795926374329),
	(25, 'a3b1cb111e06d0cbb6d86d187c3c26681dd5e6cfe97adfd855921e6e9a0cf007', 1795927192450),
	(26, 'fc009e2fe671780842c9d90b834fd69a6348b90446bd5a5812c4abb5fe0d75ae', 1795927208833),
	(27, '6cbb3db398424a28b50915ef55dd2d57c3f28f694baf91a8a49a2d04c62f983e', 1795927219275),
	(28, '016cbca8c5f8b996561f227ebf979930fe21384f7ed87665ac971a742a33199e', 1795927235742);


--
-- Data for Name: api_key_organizations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.api_key_organizations VALUES
	('key_1', 'org_1', 'usr_1', 'key 1', true, NULL, '{}'),
	('key_2', 'org_1', 'usr_1', 'key 2', true, NULL, '{}'),
	('key_3', 'org_1', 'usr_1', 'key 3', false, NULL, '{}'),
	('key_4', 'org_1', 'usr_1', 'key 4', true, NULL, '{}'),
	('key_5', 'org_1', 'usr_1', 'key 5', true, NULL, '{}'),
	('key_6', 'org_1', 'usr_1', 'key 6', false, NULL, '{}'),
	('key_7', 'org_1', 'usr_1', 'key 7', true, NULL, '{}'),
	('key_8', 'org_1', 'usr_1', 'key 8', true, NULL, '{}'),
	('key_9', 'org_1', 'usr_1', 'key 9', false, NULL, '{}'),
	('key_10', 'org_1', 'usr_1', 'key 10', true, NULL, '{}'),
	('key_11', 'org_1', 'usr_1', 'key 11', true, NULL, '{}'),
	('key_12', 'org_1', 'usr_1', 'key 12', false, NULL, '{}'),
	('key_13', 'org_1', 'usr_1', 'key 13', true, NULL, '{}'),
	('key_14', 'org_1', 'usr_1', 'key 14', true, NULL, '{}'),
	('key_15', 'org_1', 'usr_1', 'key 15', false, NULL, '{}'),
	('key_16', 'org_1', 'usr_1', 'key 16', true, NULL, '{}'),
	('key_17', 'org_1', 'usr_1', 'key 17', true, NULL, '{}'),
	('key_18', 'org_1', 'usr_1', 'key 18', false, NULL, '{}'),
	('key_19', 'org_1', 'usr_1', 'key 19', true, NULL, '{}'),
	('key_20', 'org_1', 'usr_1', 'key 20', true, NULL, '{}'),
	('key_21', 'org_1', 'usr_1', 'key 21', false, NULL, '{}'),
	('key_22', 'org_1', 'usr_1', 'key 22', true, NULL, '{}'),
	('key_23', 'org_1', 'usr_1', 'key 23', true, NULL, '{}'),
	('key_24', 'org_1', 'usr_1', 'key 24', false, NULL, '{}'),
	('key_25', 'org_1', 'usr_1', 'key 25', true, NULL, '{}'),
	('key_26', 'org_1', 'usr_1', 'key 26', true, NULL, '{}'),
	('key_27', 'org_1', 'usr_1', 'key 27', false, NULL, '{}'),
	('key_28', 'org_1', 'usr_1', 'key 28', true, NULL, '{}'),
	('key_29', 'org_1', 'usr_1', 'key 29', true, NULL, '{}'),
	('key_30', 'org_1', 'usr_1', 'key 30', false, NULL, '{}'),
	('key_31', 'org_1', 'usr_1', 'key 31', true, NULL, '{}'),
	('key_32', 'org_1', 'usr_1', 'key 32', true, NULL, '{}'),
	('key_33', 'org_1', 'usr_1', 'key 33', false, NULL, '{}'),
	('key_34', 'org_1', 'usr_1', 'key 34', true, NULL, '{}'),
	('key_35', 'org_1', 'usr_1', 'key 35', true, NULL, '{}'),
	('key_36', 'org_1', 'usr_1', 'key 36', false, NULL, '{}'),
	('key_37', 'org_1', 'usr_1', 'key 37', true, NULL, '{}'),
	('key_38', 'org_1', 'usr_1', 'key 38', true, NULL, '{}'),
	('key_39', 'org_1', 'usr_1', 'key 39', false, NULL, '{}'),
	('key_40', 'org_1', 'usr_1', 'key 40', true, NULL, '{}');


--
-- Data for Name: api_key_secrets; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.api_key_secrets VALUES
	('\x0c08dbd4adb6472c1bc04f17529157918848018cdc481bb3208353d5123ea339', 'key_1', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x124322dcc982048ccfb76d5a078ca2c9fe28e14b496306cbde0113dea3faf287', 'key_2', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x212f37148e85846e49d5db886ee30db5c0b755cfc2ed865c932571c6121f1d5d', 'key_3', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x035d4f4ec0b259c73368895819558bbaabcc5a500a08162d440648ce4bd45fda', 'key_4', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x9358a1d11998a11cc424e1380e397c32b21e0b95504e136148b4c121b4e0f1ca', 'key_5', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\xb79bf675235a50d3a7fe30369a178351c95efdb1111c7797a52c1071e52f38f2', 'key_6', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\xa10a33efac67db1ef8b826b0157b5ad060b29b2d0e58e44ba151aee6555e0997', 'key_7', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\xc2055e758c532dad4e665f6c6946b18600b3f047fa07160f18c756fa25f5a167', 'key_8', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x541b9b5bbc1e2ac221c946482cd7da132727078b5f9c2c07ef6f55e55043ac76', 'key_9', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x6193100ebcfb85b325c1e54e482684c641c61b001587616040c066eced09315d', 'key_10', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x6b67c5c0bb97925162980ebfdd50f67da60ca442545825a050059b09874a5b42', 'key_11', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\xdcf92d0db3981f09987979ad9df9be921f882fd719d73c3b55c23c9b4dd2650d', 'key_12', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x5b8bd1666d39125d7ca1ddadce1c73778e4b2221778a5bd15d3c3816d5bd73af', 'key_13', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x8dea5cbed111f793ca3a390699e91c30f5651edea4c67b6f6a1038718d369809', 'key_14', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\xd12e4144fbbe4666bf895786cbe67f3b38f6dda9f0390a51aea59f7c06c872d0', 'key_15', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x721204b2fc65a0eb8ffbc4e6b3c2545c2b4c6dce51f7f8db5cb180ad237a901f', 'key_16', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x5eda9baaf96ce018f5c7d3830377792a282d209e1d21f99fd15e0f9f47bdabbd', 'key_17', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x648f77bf89d68dfbf8bc0aabf783f82b9647b747afceb78aff158d3e3756c57c', 'key_18', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x80f0a6de0440ce7d7f00e84d97958f04897be2484064a75ac5aa21e3c36ce11c', 'key_19', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x2cc448bfd060c0177bddf07df4d76425828ac517f6efe93bcefe77546bfc117e', 'key_20', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x228d326ef79e067ad84dba644f6097506b2d8446778f442ce6cc69b5a706d187', 'key_21', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x17579671dd848182b5db2369f9a47741e80fd838cfc73ad6b87fbee3808276f8', 'key_22', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x0cb7aa72b519b5e8efd22238f571c7dfbbeb9cdabb2046caf3db1171a915710a', 'key_23', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x4c85914568ccad676f9ee3bbb4c0d9cba43f81a8cf0af5b9f7e1679cec1f858e', 'key_24', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x2baad57b0909f3b741a232b1c5d438eb102750f282f2b9163728d2c0825f54f8', 'key_25', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x5d407447896d021043153c27fcfae83277aae9392dcdfe032dbaa0f4be36d65e', 'key_26', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\xff3cd7ba9f6aa83417cd6274781a4fd51e58e786e236466edc99ea6e6ea02618', 'key_27', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x725ffc52902a7f0bb030407268f12107a7a7bed70ac6233167249d5cb5ab4c4e', 'key_28', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\xe04ec7a6b16893738fe67bf0fd7194ecccaa8a952f66029d971eb946900c5914', 'key_29', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x050195a95d7369689e021f0b12951b431ab7f1386a8233e8ab4fb18a0e028305', 'key_30', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x3154a91973d8cf329aa7c24a251896bcb32c681183def21de7494ba704f137ef', 'key_31', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x87342ce00e85d28f461f60f779eb4228eb9d9672c49e1a3a1c0b070fecabd17d', 'key_32', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x03eb41415e4c461d525f8b2a33aae92df33661270df45b664096ce130feae11a', 'key_33', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x76b4450cee3d8ce7330a6d8b8ded1de310539ff7baa3893d2f2bce1a9576cdc2', 'key_34', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x58ebbe703fd7250833d5e82bdae5882d4d3dda5ea4a4dd73fea174103582e982', 'key_35', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\xa1d1d4e6acf84d388a0d49705e948e584d51ca193255fb1210b94452897d3cad', 'key_36', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\xddb5ff7d2c66a766bdaa4186bcf5d398951241ca5d57e5d8c4e92a0a2c7558aa', 'key_37', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x7987126e358e16abb59a69428deec9d974fc8f6cb5d74174f72466496700d710', 'key_38', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x5f47e9ceba6cf3d408b34a7b08938222192db0ee7fefb2d2c08cb0c5d392a217', 'key_39', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL),
	('\x3ed365eaae9d03edb5b18903fc8fa35172abcf179abd7c65ad369c4e7b46a2dc', 'key_40', 'abcd', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL);


--
-- Data for Name: api_key_usage; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.api_key_usage VALUES
	('key_1', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_2', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_3', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_4', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_5', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_6', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_7', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_8', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_9', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_10', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_11', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_12', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_13', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_14', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_15', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_16', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_17', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_18', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_19', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_20', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_21', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_22', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_23', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_24', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_25', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_26', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_27', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_28', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_29', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_30', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_31', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_32', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_33', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_34', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_35', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_36', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_37', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_38', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_39', 'org_1', '2026-11-30 12:00:00+00', 1, 0),
	('key_40', 'org_1', '2026-11-30 12:00:00+00', 1, 0);


--
-- Data for Name: api_key_usage_days; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: api_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.api_keys VALUES
	('key_1', 'org_1', 'usr_1', 'key 1', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_2', 'org_1', 'usr_1', 'key 2', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_3', 'org_1', 'usr_1', 'key 3', '{read:sandboxes}', 'expired', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_4', 'org_1', 'usr_1', 'key 4', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_5', 'org_1', 'usr_1', 'key 5', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_6', 'org_1', 'usr_1', 'key 6', '{read:sandboxes}', 'expired', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_7', 'org_1', 'usr_1', 'key 7', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_8', 'org_1', 'usr_1', 'key 8', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_9', 'org_1', 'usr_1', 'key 9', '{read:sandboxes}', 'expired', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_10', 'org_1', 'usr_1', 'key 10', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_11', 'org_1', 'usr_1', 'key 11', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_12', 'org_1', 'usr_1', 'key 12', '{read:sandboxes}', 'expired', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_13', 'org_1', 'usr_1', 'key 13', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_14', 'org_1', 'usr_1', 'key 14', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_15', 'org_1', 'usr_1', 'key 15', '{read:sandboxes}', 'expired', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_16', 'org_1', 'usr_1', 'key 16', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_17', 'org_1', 'usr_1', 'key 17', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_18', 'org_1', 'usr_1', 'key 18', '{read:sandboxes}', 'expired', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_19', 'org_1', 'usr_1', 'key 19', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_20', 'org_1', 'usr_1', 'key 20', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_21', 'org_1', 'usr_1', 'key 21', '{read:sandboxes}', 'expired', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_22', 'org_1', 'usr_1', 'key 22', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_23', 'org_1', 'usr_1', 'key 23', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_24', 'org_1', 'usr_1', 'key 24', '{read:sandboxes}', 'expired', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_25', 'org_1', 'usr_1', 'key 25', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_26', 'org_1', 'usr_1', 'key 26', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_27', 'org_1', 'usr_1', 'key 27', '{read:sandboxes}', 'expired', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_28', 'org_1', 'usr_1', 'key 28', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_29', 'org_1', 'usr_1', 'key 29', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_30', 'org_1', 'usr_1', 'key 30', '{read:sandboxes}', 'expired', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_31', 'org_1', 'usr_1', 'key 31', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_32', 'org_1', 'usr_1', 'key 32', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_33', 'org_1', 'usr_1', 'key 33', '{read:sandboxes}', 'expired', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_34', 'org_1', 'usr_1', 'key 34', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_35', 'org_1', 'usr_1', 'key 35', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_36', 'org_1', 'usr_1', 'key 36', '{read:sandboxes}', 'expired', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_37', 'org_1', 'usr_1', 'key 37', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_38', 'org_1', 'usr_1', 'key 38', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_39', 'org_1', 'usr_1', 'key 39', '{read:sandboxes}', 'expired', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, ''),
	('key_40', 'org_1', 'usr_1', 'key 40', '{read:sandboxes}', 'active', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2027-11-30 12:19:13.449104+00', NULL, NULL, NULL, '');


--
-- Data for Name: audit_anchors; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: audit_chain_heads; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: audit_events_2026_11; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: audit_events_2026_12; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: audit_events_2027_01; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: audit_events_2027_02; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: audit_events_default; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: consent_organizations; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: consents; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: email_verifications; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: grants; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.grants VALUES
	('grn_1', 'usr_1', 'app_1', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_2', 'usr_1', 'app_2', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_3', 'usr_1', 'app_3', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_4', 'usr_1', 'app_4', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_5', 'usr_1', 'app_5', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_6', 'usr_1', 'app_6', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_7', 'usr_1', 'app_7', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_8', 'usr_1', 'app_8', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_9', 'usr_1', 'app_9', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_10', 'usr_1', 'app_10', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_11', 'usr_1', 'app_11', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_12', 'usr_1', 'app_12', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_13', 'usr_1', 'app_13', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_14', 'usr_1', 'app_14', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_15', 'usr_1', 'app_15', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_16', 'usr_1', 'app_16', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_17', 'usr_1', 'app_17', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_18', 'usr_1', 'app_18', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_19', 'usr_1', 'app_19', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_20', 'usr_1', 'app_20', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_21', 'usr_1', 'app_21', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_22', 'usr_1', 'app_22', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_23', 'usr_1', 'app_23', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_24', 'usr_1', 'app_24', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_25', 'usr_1', 'app_25', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_26', 'usr_1', 'app_26', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_27', 'usr_1', 'app_27', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_28', 'usr_1', 'app_28', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_29', 'usr_1', 'app_29', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_30', 'usr_1', 'app_30', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_31', 'usr_1', 'app_31', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_32', 'usr_1', 'app_32', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_33', 'usr_1', 'app_33', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_34', 'usr_1', 'app_34', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_35', 'usr_1', 'app_35', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_36', 'usr_1', 'app_36', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_37', 'usr_1', 'app_37', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_38', 'usr_1', 'app_38', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_39', 'usr_1', 'app_39', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL),
	('grn_40', 'usr_1', 'app_40', '{openid}', NULL, NULL, '{}', '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL, NULL);


--
-- Data for Name: invitation_roles; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: member_roles; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: oidc_artifacts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.oidc_artifacts VALUES
	('RefreshToken', '\xfe7a847d6a9ddcd0aab77d0f4609b0ace6ae2a1490095e54faebde67e6f7b746', '{"iat": 1, "jti": "grn_1", "scope": "openid"}', 'grn_1', 'usr_1', 'app_1', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\x94cfa4e96387673385bd8916ce43fa2f6749480c2496af69d834653c93e1a4ee', '{"iat": 1, "jti": "grn_2", "scope": "openid"}', 'grn_2', 'usr_1', 'app_2', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\x516c202b3ed28af58e32d8b21dd5eabd969de3f45f7d248374e66f79e1e9cfb3', '{"iat": 1, "jti": "grn_3", "scope": "openid"}', 'grn_3', 'usr_1', 'app_3', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\x4ca125152fa196116727b398ab2a01d8ffa12a5efffb90245fb5e73f48f2277e', '{"iat": 1, "jti": "grn_4", "scope": "openid"}', 'grn_4', 'usr_1', 'app_4', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\x7b87972961542dc26ab8b9a8ab8c54f010057785700c89278ca9b9ea22689d08', '{"iat": 1, "jti": "grn_5", "scope": "openid"}', 'grn_5', 'usr_1', 'app_5', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\x87be3e8d997a38d22ba16915f976ebddcbea7847659daa78b0394e951a81a196', '{"iat": 1, "jti": "grn_6", "scope": "openid"}', 'grn_6', 'usr_1', 'app_6', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\x6289963a0ba6e3a6ce8bbf313ccac81354c8ce80973d99bf7909466420da3508', '{"iat": 1, "jti": "grn_7", "scope": "openid"}', 'grn_7', 'usr_1', 'app_7', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\x2b92678c266818af9879594f4123cf0238adf30e0f7c2814e517e97ac56f5a78', '{"iat": 1, "jti": "grn_8", "scope": "openid"}', 'grn_8', 'usr_1', 'app_8', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\x93028a89af74e22674ff564a9de94cd220d095ae809216277bf270b4dc1ddfe1', '{"iat": 1, "jti": "grn_9", "scope": "openid"}', 'grn_9', 'usr_1', 'app_9', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\xa6a48d2f826b68b1da5928626d492d785e5981f83c3224d8f80df2e4d6f6f264', '{"iat": 1, "jti": "grn_10", "scope": "openid"}', 'grn_10', 'usr_1', 'app_10', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\xaa097c9ed8859c2a16bf51949c472b8dc89595238bed4744c5283365823646d4', '{"iat": 1, "jti": "grn_11", "scope": "openid"}', 'grn_11', 'usr_1', 'app_11', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\x9ee979065b5ae33aa6ce0a21b3981ea30cb6030f60c7450ab7a856bcf1c01471', '{"iat": 1, "jti": "grn_12", "scope": "openid"}', 'grn_12', 'usr_1', 'app_12', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\xb7d316d7aed91e3912b2496c46dde28500e7b9923e281bfa899b2fd67c9531fd', '{"iat": 1, "jti": "grn_13", "scope": "openid"}', 'grn_13', 'usr_1', 'app_13', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\xbfecf7f29f1f2ddf0489b090f70f3a4724131e76999ff3386996087151b458ff', '{"iat": 1, "jti": "grn_14", "scope": "openid"}', 'grn_14', 'usr_1', 'app_14', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\xf975c8911c7fb392a4f58ce2aaebf31aad4baae0d724b29bfbb4e8119191e8cc', '{"iat": 1, "jti": "grn_15", "scope": "openid"}', 'grn_15', 'usr_1', 'app_15', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\x786154e1461e8336a7674ffb9c30452383e3e0d8fa8b5a6cd49c1b66024130a8', '{"iat": 1, "jti": "grn_16", "scope": "openid"}', 'grn_16', 'usr_1', 'app_16', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\x739e0ac5958d089855504a61b62c5083a0b804e73cf9b094c8662b06243b65fc', '{"iat": 1, "jti": "grn_17", "scope": "openid"}', 'grn_17', 'usr_1', 'app_17', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\xc7ae61e5cd128c056ed47950e35d4048f8fd78b07256b0452ee2580311e4c007', '{"iat": 1, "jti": "grn_18", "scope": "openid"}', 'grn_18', 'usr_1', 'app_18', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\x2e15f174303491bb01715c096fd03e32f62e187c55b146635b015288613bc6dc', '{"iat": 1, "jti": "grn_19", "scope": "openid"}', 'grn_19', 'usr_1', 'app_19', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\x74862c5daa5cbafd882c3b08042a317f0f70217292a6c711a672c67baa85b179', '{"iat": 1, "jti": "grn_20", "scope": "openid"}', 'grn_20', 'usr_1', 'app_20', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\x4c99515480d2c1b3f143bd558d25a55c8b7f94f45c71702981125d895e190bc7', '{"iat": 1, "jti": "grn_21", "scope": "openid"}', 'grn_21', 'usr_1', 'app_21', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\x514d48a53113938bb76d1797e1e528014265c73913bfa1eebddb3789eea6e79c', '{"iat": 1, "jti": "grn_22", "scope": "openid"}', 'grn_22', 'usr_1', 'app_22', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\x28bf0c1e8dedd227dc325616d73c8689b83a0e5bc44557aea1b412a1d2a5815c', '{"iat": 1, "jti": "grn_23", "scope": "openid"}', 'grn_23', 'usr_1', 'app_23', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\xb82e6602f3cd77a8f47f8abaad8e03d27bd233bd2ac642cb82de74928aef82ba', '{"iat": 1, "jti": "grn_24", "scope": "openid"}', 'grn_24', 'usr_1', 'app_24', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\xdd4845ca8d62ec9c2b13c0d556804c063b63f5a2eddc7f4a1b9dceda6d6042e3', '{"iat": 1, "jti": "grn_25", "scope": "openid"}', 'grn_25', 'usr_1', 'app_25', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\xbe88e2d9a66051fa8a54987bcef942154828ececbe19bd5c653f941f6919d7b9', '{"iat": 1, "jti": "grn_26", "scope": "openid"}', 'grn_26', 'usr_1', 'app_26', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\xf08b2ead64e9ccafa710d00df5a7459d303f0b76a5eba6566c466cd19cf87478', '{"iat": 1, "jti": "grn_27", "scope": "openid"}', 'grn_27', 'usr_1', 'app_27', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\x7cad55e43c2f848122102fd38bde6b186649b0c1e47ad5e66b93352c973f3123', '{"iat": 1, "jti": "grn_28", "scope": "openid"}', 'grn_28', 'usr_1', 'app_28', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\xe7c3a1c6358a929af229ef82553bcd7450da99d0a9fa39befee3e2d6afc01a42', '{"iat": 1, "jti": "grn_29", "scope": "openid"}', 'grn_29', 'usr_1', 'app_29', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\xae07ebc058cf0a1c69ebf640d627a37e7e9a2fc682d13fbcd5adba0c6b10e6fd', '{"iat": 1, "jti": "grn_30", "scope": "openid"}', 'grn_30', 'usr_1', 'app_30', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\x726c88af2fd635e976e2a1931a9fcce34d69c29f91b090be7972ecfd088e2315', '{"iat": 1, "jti": "grn_31", "scope": "openid"}', 'grn_31', 'usr_1', 'app_31', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\x060189c2aa288e12a34bc8e86fd21acb56bfecd227307ab6a0d569db9f9e1703', '{"iat": 1, "jti": "grn_32", "scope": "openid"}', 'grn_32', 'usr_1', 'app_32', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\xaa78e110ab4ac7479e95139ccbf52d34210b216704f34a536c0c69262bcbdd59', '{"iat": 1, "jti": "grn_33", "scope": "openid"}', 'grn_33', 'usr_1', 'app_33', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\xf0d48e207562ae5088d55b699601d5ddc114d82577dc840919113615689731f4', '{"iat": 1, "jti": "grn_34", "scope": "openid"}', 'grn_34', 'usr_1', 'app_34', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\xd9a51cafd546a440fcc4365f6baf86453b03f370f397bcf812b1e01f86a765ab', '{"iat": 1, "jti": "grn_35", "scope": "openid"}', 'grn_35', 'usr_1', 'app_35', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\x88f32a8859586ad48dc5651e5dad27425bc888b33fad03a74986a3e0ed2cc3a6', '{"iat": 1, "jti": "grn_36", "scope": "openid"}', 'grn_36', 'usr_1', 'app_36', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\x8780f5a099b727e01142ce35a18437e21e3d5bd708ff0be15c66c29db9f91fbd', '{"iat": 1, "jti": "grn_37", "scope": "openid"}', 'grn_37', 'usr_1', 'app_37', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\xf436633fd89ed05e25d95d08c26ee8f33a61809b186b539996720f6db83bc8c1', '{"iat": 1, "jti": "grn_38", "scope": "openid"}', 'grn_38', 'usr_1', 'app_38', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\xb3aea923a2139eb40306d8c335157f54372539a7b77f035390484a47c121f673', '{"iat": 1, "jti": "grn_39", "scope": "openid"}', 'grn_39', 'usr_1', 'app_39', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL),
	('RefreshToken', '\x5e8924c4fa04e997d464cf394969532ec904c1d6c17127a8f613e9ac9f0f4411', '{"iat": 1, "jti": "grn_40", "scope": "openid"}', 'grn_40', 'usr_1', 'app_40', NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-12-01 12:19:13.449104+00', NULL);


--
-- Data for Name: oidc_clients; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.oidc_clients VALUES
	('app_0', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_1', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_2', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_3', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_4', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_5', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_6', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_7', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_8', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_9', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_10', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_11', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_12', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_13', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_14', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_15', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_16', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_17', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_18', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_19', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_20', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_21', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_22', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_23', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_24', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_25', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_26', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_27', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_28', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_29', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_30', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_31', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_32', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_33', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_34', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_35', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_36', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_37', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_38', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_39', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_40', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_41', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_42', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_43', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_44', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_45', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_46', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_47', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_48', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_49', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_50', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_51', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_52', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_53', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_54', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_55', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_56', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_57', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_58', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_59', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_60', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_61', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_62', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_63', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_64', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_65', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_66', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_67', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_68', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_69', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_70', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_71', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_72', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_73', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_74', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_75', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_76', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_77', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_78', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_79', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_80', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_81', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_82', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_83', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_84', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_85', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_86', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_87', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_88', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_89', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_90', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_91', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_92', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_93', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_94', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_95', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_96', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_97', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_98', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256'),
	('app_99', 'App', 'web', NULL, '{}', '{}', '{openid}', NULL, NULL, false, NULL, NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', false, false, 'RS256');


--
-- Data for Name: organization_invitations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.organization_invitations VALUES
	('inv_1', 'org_1', '1@example.test', 'member', 'usr_1', 'pending', '\x6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_2', 'org_1', '2@example.test', 'member', 'usr_1', 'pending', '\xd4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_3', 'org_1', '3@example.test', 'member', 'usr_1', 'pending', '\x4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_4', 'org_1', '4@example.test', 'member', 'usr_1', 'pending', '\x4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_5', 'org_1', '5@example.test', 'member', 'usr_1', 'pending', '\xef2d127de37b942baad06145e54b0c619a1f22327b2ebbcfbec78f5564afe39d', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_6', 'org_1', '6@example.test', 'member', 'usr_1', 'pending', '\xe7f6c011776e8db7cd330b54174fd76f7d0216b612387a5ffcfb81e6f0919683', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_7', 'org_1', '7@example.test', 'member', 'usr_1', 'pending', '\x7902699be42c8a8e46fbbb4501726517e86b22c56a189f7625a6da49081b2451', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_8', 'org_1', '8@example.test', 'member', 'usr_1', 'pending', '\x2c624232cdd221771294dfbb310aca000a0df6ac8b66b696d90ef06fdefb64a3', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_9', 'org_1', '9@example.test', 'member', 'usr_1', 'pending', '\x19581e27de7ced00ff1ce50b2047e7a567c76b1cbaebabe5ef03f7c3017bb5b7', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_10', 'org_1', '10@example.test', 'member', 'usr_1', 'pending', '\x4a44dc15364204a80fe80e9039455cc1608281820fe2b24f1e5233ade6af1dd5', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_11', 'org_1', '11@example.test', 'member', 'usr_1', 'pending', '\x4fc82b26aecb47d2868c4efbe3581732a3e7cbcc6c2efb32062c08170a05eeb8', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_12', 'org_1', '12@example.test', 'member', 'usr_1', 'pending', '\x6b51d431df5d7f141cbececcf79edf3dd861c3b4069f0b11661a3eefacbba918', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_13', 'org_1', '13@example.test', 'member', 'usr_1', 'pending', '\x3fdba35f04dc8c462986c992bcf875546257113072a909c162f7e470e581e278', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_14', 'org_1', '14@example.test', 'member', 'usr_1', 'pending', '\x8527a891e224136950ff32ca212b45bc93f69fbb801c3b1ebedac52775f99e61', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_15', 'org_1', '15@example.test', 'member', 'usr_1', 'pending', '\xe629fa6598d732768f7c726b4b621285f9c3b85303900aa912017db7617d8bdb', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_16', 'org_1', '16@example.test', 'member', 'usr_1', 'pending', '\xb17ef6d19c7a5b1ee83b907c595526dcb1eb06db8227d650d5dda0a9f4ce8cd9', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_17', 'org_1', '17@example.test', 'member', 'usr_1', 'pending', '\x4523540f1504cd17100c4835e85b7eefd49911580f8efff0599a8f283be6b9e3', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_18', 'org_1', '18@example.test', 'member', 'usr_1', 'pending', '\x4ec9599fc203d176a301536c2e091a19bc852759b255bd6818810a42c5fed14a', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_19', 'org_1', '19@example.test', 'member', 'usr_1', 'pending', '\x9400f1b21cb527d7fa3d3eabba93557a18ebe7a2ca4e471cfe5e4c5b4ca7f767', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_20', 'org_1', '20@example.test', 'member', 'usr_1', 'pending', '\xf5ca38f748a1d6eaf726b8a42fb575c3c71f1864a8143301782de13da2d9202b', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_21', 'org_1', '21@example.test', 'member', 'usr_1', 'pending', '\x6f4b6612125fb3a0daecd2799dfd6c9c299424fd920f9b308110a2c1fbd8f443', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_22', 'org_1', '22@example.test', 'member', 'usr_1', 'pending', '\x785f3ec7eb32f30b90cd0fcf3657d388b5ff4297f2f9716ff66e9b69c05ddd09', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_23', 'org_1', '23@example.test', 'member', 'usr_1', 'pending', '\x535fa30d7e25dd8a49f1536779734ec8286108d115da5045d77f3b4185d8f790', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_24', 'org_1', '24@example.test', 'member', 'usr_1', 'pending', '\xc2356069e9d1e79ca924378153cfbbfb4d4416b1f99d41a2940bfdb66c5319db', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_25', 'org_1', '25@example.test', 'member', 'usr_1', 'pending', '\xb7a56873cd771f2c446d369b649430b65a756ba278ff97ec81bb6f55b2e73569', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_26', 'org_1', '26@example.test', 'member', 'usr_1', 'pending', '\x5f9c4ab08cac7457e9111a30e4664920607ea2c115a1433d7be98e97e64244ca', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_27', 'org_1', '27@example.test', 'member', 'usr_1', 'pending', '\x670671cd97404156226e507973f2ab8330d3022ca96e0c93bdbdb320c41adcaf', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_28', 'org_1', '28@example.test', 'member', 'usr_1', 'pending', '\x59e19706d51d39f66711c2653cd7eb1291c94d9b55eb14bda74ce4dc636d015a', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_29', 'org_1', '29@example.test', 'member', 'usr_1', 'pending', '\x35135aaa6cc23891b40cb3f378c53a17a1127210ce60e125ccf03efcfdaec458', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_30', 'org_1', '30@example.test', 'member', 'usr_1', 'pending', '\x624b60c58c9d8bfb6ff1886c2fd605d2adeb6ea4da576068201b6c6958ce93f4', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_31', 'org_1', '31@example.test', 'member', 'usr_1', 'pending', '\xeb1e33e8a81b697b75855af6bfcdbcbf7cbbde9f94962ceaec1ed8af21f5a50f', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_32', 'org_1', '32@example.test', 'member', 'usr_1', 'pending', '\xe29c9c180c6279b0b02abd6a1801c7c04082cf486ec027aa13515e4f3884bb6b', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_33', 'org_1', '33@example.test', 'member', 'usr_1', 'pending', '\xc6f3ac57944a531490cd39902d0f777715fd005efac9a30622d5f5205e7f6894', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_34', 'org_1', '34@example.test', 'member', 'usr_1', 'pending', '\x86e50149658661312a9e0b35558d84f6c6d3da797f552a9657fe0558ca40cdef', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_35', 'org_1', '35@example.test', 'member', 'usr_1', 'pending', '\x9f14025af0065b30e47e23ebb3b491d39ae8ed17d33739e5ff3827ffb3634953', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_36', 'org_1', '36@example.test', 'member', 'usr_1', 'pending', '\x76a50887d8f1c2e9301755428990ad81479ee21c25b43215cf524541e0503269', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_37', 'org_1', '37@example.test', 'member', 'usr_1', 'pending', '\x7a61b53701befdae0eeeffaecc73f14e20b537bb0f8b91ad7c2936dc63562b25', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_38', 'org_1', '38@example.test', 'member', 'usr_1', 'pending', '\xaea92132c4cbeb263e6ac2bf6c183b5d81737f179f21efdc5863739672f0f470', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_39', 'org_1', '39@example.test', 'member', 'usr_1', 'pending', '\x0b918943df0962bc7a1824c0555a389347b4febdc7cf9d1254406d80ce44e3f9', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('inv_40', 'org_1', '40@example.test', 'member', 'usr_1', 'pending', '\xd59eced1ded07f84c145592f65bdf854358e009c5cd705f5215bf18697fed103', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00');


--
-- Data for Name: organization_members; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.organization_members VALUES
	('org_1', 'usr_1', 'owner', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00');


--
-- Data for Name: organizations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.organizations VALUES
	('org_1', 'Analytical', false, 'usr_1', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', NULL, NULL, NULL);


--
-- Data for Name: registries; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.registries VALUES
	('reg_1', 'org_1', 'r1', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_2', 'org_1', 'r2', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_3', 'org_1', 'r3', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_4', 'org_1', 'r4', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_5', 'org_1', 'r5', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_6', 'org_1', 'r6', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_7', 'org_1', 'r7', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_8', 'org_1', 'r8', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_9', 'org_1', 'r9', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_10', 'org_1', 'r10', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_11', 'org_1', 'r11', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_12', 'org_1', 'r12', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_13', 'org_1', 'r13', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_14', 'org_1', 'r14', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_15', 'org_1', 'r15', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_16', 'org_1', 'r16', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_17', 'org_1', 'r17', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_18', 'org_1', 'r18', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_19', 'org_1', 'r19', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_20', 'org_1', 'r20', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_21', 'org_1', 'r21', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_22', 'org_1', 'r22', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_23', 'org_1', 'r23', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_24', 'org_1', 'r24', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_25', 'org_1', 'r25', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_26', 'org_1', 'r26', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_27', 'org_1', 'r27', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_28', 'org_1', 'r28', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_29', 'org_1', 'r29', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_30', 'org_1', 'r30', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_31', 'org_1', 'r31', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_32', 'org_1', 'r32', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_33', 'org_1', 'r33', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_34', 'org_1', 'r34', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_35', 'org_1', 'r35', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_36', 'org_1', 'r36', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_37', 'org_1', 'r37', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_38', 'org_1', 'r38', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_39', 'org_1', 'r39', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00'),
	('reg_40', 'org_1', 'r40', 'https://example.test', 'ada', '', '', NULL, '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00');


--
-- Data for Name: roles; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.roles VALUES
	('role_00000000000000000000000001', NULL, 'Viewer', 'Sees all resources', '{read:sandboxes,read:snapshots,read:volumes,read:registries}', '2026-11-30 12:19:12.032183+00', '2026-11-30 12:19:12.032183+00'),
	('role_00000000000000000000000002', NULL, 'Developer', 'Works with sandboxes and sees the other resources', '{read:sandboxes,write:sandboxes,read:snapshots,read:volumes,read:registries}', '2026-11-30 12:19:12.032183+00', '2026-11-30 12:19:12.032183+00'),
	('role_00000000000000000000000003', NULL, 'Sandboxes Admin', 'Manages sandboxes', '{read:sandboxes,write:sandboxes}', '2026-11-30 12:19:12.032183+00', '2026-11-30 12:19:12.032183+00'),
	('role_00000000000000000000000004', NULL, 'Snapshots Admin', 'Manages snapshots', '{read:snapshots,write:snapshots}', '2026-11-30 12:19:12.032183+00', '2026-11-30 12:19:12.032183+00'),
	('role_00000000000000000000000005', NULL, 'Volumes Admin', 'Manages volumes', '{read:volumes,write:volumes}', '2026-11-30 12:19:12.032183+00', '2026-11-30 12:19:12.032183+00'),
	('role_00000000000000000000000006', NULL, 'Registries Admin', 'Manages registries', '{read:registries,write:registries}', '2026-11-30 12:19:12.032183+00', '2026-11-30 12:19:12.032183+00'),
	('role_00000000000000000000000007', NULL, 'Super Admin', 'Manages the organization and everything in it', '{admin:organization}', '2026-11-30 12:19:12.032183+00', '2026-11-30 12:19:12.032183+00');


--
-- Data for Name: sandboxes; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: signing_keys; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: snapshots; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: space_reserve; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: user_credentials; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.users VALUES
	('usr_1', '1@example.test', false, 'Ada', '2026-11-30 12:19:13.449104+00', '2026-11-30 12:19:13.449104+00', NULL);


--
-- Data for Name: volumes; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Name: __drizzle_migrations_id_seq; Type: SEQUENCE SET; Schema: drizzle; Owner: -
--

SELECT pg_catalog.setval('drizzle.__drizzle_migrations_id_seq', 28, true);


--
-- Name: __drizzle_migrations __drizzle_migrations_pkey; Type: CONSTRAINT; Schema: drizzle; Owner: -
--

ALTER TABLE ONLY drizzle.__drizzle_migrations
    ADD CONSTRAINT __drizzle_migrations_pkey PRIMARY KEY (id);


--
-- Name: api_key_organizations api_key_organizations_key_id_organization_id_pk; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_key_organizations
    ADD CONSTRAINT api_key_organizations_key_id_organization_id_pk PRIMARY KEY (key_id, organization_id);


--
-- Name: api_key_secrets api_key_secrets_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_key_secrets
    ADD CONSTRAINT api_key_secrets_pkey PRIMARY KEY (digest);


--
-- Name: api_key_usage_days api_key_usage_days_key_id_organization_id_day_pk; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_key_usage_days
    ADD CONSTRAINT api_key_usage_days_key_id_organization_id_day_pk PRIMARY KEY (key_id, organization_id, day);


--
-- Name: api_key_usage api_key_usage_key_id_organization_id_hour_pk; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_key_usage
    ADD CONSTRAINT api_key_usage_key_id_organization_id_hour_pk PRIMARY KEY (key_id, organization_id, hour);


--
-- Name: api_keys api_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);


--
-- Name: audit_anchors audit_anchors_organization_id_sequence_pk; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_anchors
    ADD CONSTRAINT audit_anchors_organization_id_sequence_pk PRIMARY KEY (organization_id, sequence);


--
-- Name: audit_chain_heads audit_chain_heads_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_chain_heads
    ADD CONSTRAINT audit_chain_heads_pkey PRIMARY KEY (organization_id);


--
-- Name: audit_events audit_events_id_created_at_pk; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_events
    ADD CONSTRAINT audit_events_id_created_at_pk PRIMARY KEY (id, created_at);


--
-- Name: audit_events_2026_11 audit_events_2026_11_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_events_2026_11
    ADD CONSTRAINT audit_events_2026_11_pkey PRIMARY KEY (id, created_at);


--
-- Name: audit_events_2026_12 audit_events_2026_12_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_events_2026_12
    ADD CONSTRAINT audit_events_2026_12_pkey PRIMARY KEY (id, created_at);


--
-- Name: audit_events_2027_01 audit_events_2027_01_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_events_2027_01
    ADD CONSTRAINT audit_events_2027_01_pkey PRIMARY KEY (id, created_at);


--
-- Name: audit_events_2027_02 audit_events_2027_02_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_events_2027_02
    ADD CONSTRAINT audit_events_2027_02_pkey PRIMARY KEY (id, created_at);


--
-- Name: audit_events_default audit_events_default_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_events_default
    ADD CONSTRAINT audit_events_default_pkey PRIMARY KEY (id, created_at);


--
-- Name: consent_organizations consent_organizations_user_id_client_id_organization_id_pk; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.consent_organizations
    ADD CONSTRAINT consent_organizations_user_id_client_id_organization_id_pk PRIMARY KEY (user_id, client_id, organization_id);


--
-- Name: consents consents_user_id_client_id_pk; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.consents
    ADD CONSTRAINT consents_user_id_client_id_pk PRIMARY KEY (user_id, client_id);


--
-- Name: email_verifications email_verifications_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.email_verifications
    ADD CONSTRAINT email_verifications_pkey PRIMARY KEY (user_id);


--
-- Name: grants grants_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.grants
    ADD CONSTRAINT grants_pkey PRIMARY KEY (id);


--
-- Name: invitation_roles invitation_roles_invitation_id_role_id_pk; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.invitation_roles
    ADD CONSTRAINT invitation_roles_invitation_id_role_id_pk PRIMARY KEY (invitation_id, role_id);


--
-- Name: member_roles member_roles_organization_id_user_id_role_id_pk; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.member_roles
    ADD CONSTRAINT member_roles_organization_id_user_id_role_id_pk PRIMARY KEY (organization_id, user_id, role_id);


--
-- Name: oidc_artifacts oidc_artifacts_model_digest_pk; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.oidc_artifacts
    ADD CONSTRAINT oidc_artifacts_model_digest_pk PRIMARY KEY (model, digest);


--
-- Name: oidc_clients oidc_clients_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.oidc_clients
    ADD CONSTRAINT oidc_clients_pkey PRIMARY KEY (id);


--
-- Name: organization_invitations organization_invitations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.organization_invitations
    ADD CONSTRAINT organization_invitations_pkey PRIMARY KEY (id);


--
-- Name: organization_invitations organization_invitations_tokenDigest_unique; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.organization_invitations
    ADD CONSTRAINT "organization_invitations_tokenDigest_unique" UNIQUE (token_digest);


--
-- Name: organization_members organization_members_organization_id_user_id_pk; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT organization_members_organization_id_user_id_pk PRIMARY KEY (organization_id, user_id);


--
-- Name: organizations organizations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.organizations
    ADD CONSTRAINT organizations_pkey PRIMARY KEY (id);


--
-- Name: registries registries_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.registries
    ADD CONSTRAINT registries_pkey PRIMARY KEY (id);


--
-- Name: roles roles_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.roles
    ADD CONSTRAINT roles_pkey PRIMARY KEY (id);


--
-- Name: sandboxes sandboxes_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sandboxes
    ADD CONSTRAINT sandboxes_pkey PRIMARY KEY (id);


--
-- Name: signing_keys signing_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.signing_keys
    ADD CONSTRAINT signing_keys_pkey PRIMARY KEY (kid);


--
-- Name: snapshots snapshots_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.snapshots
    ADD CONSTRAINT snapshots_pkey PRIMARY KEY (id);


--
-- Name: user_credentials user_credentials_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.user_credentials
    ADD CONSTRAINT user_credentials_pkey PRIMARY KEY (id);


--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);


--
-- Name: volumes volumes_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.volumes
    ADD CONSTRAINT volumes_pkey PRIMARY KEY (id);


--
-- Name: api_key_organizations_active_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_key_organizations_active_idx ON public.api_key_organizations USING btree (organization_id, key_id) WHERE active;


--
-- Name: api_key_organizations_administration_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_key_organizations_administration_idx ON public.api_key_organizations USING btree (organization_id, key_id) WHERE (active AND (permissions @> ARRAY['admin:organization'::text]));


--
-- Name: api_key_organizations_expiry_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_key_organizations_expiry_idx ON public.api_key_organizations USING btree (organization_id, COALESCE(expires_at, 'infinity'::timestamp with time zone), key_id) WHERE active;


--
-- Name: api_key_organizations_lower_name_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_key_organizations_lower_name_idx ON public.api_key_organizations USING btree (organization_id, lower(name), key_id) WHERE active;


--
-- Name: api_key_organizations_name_key; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX api_key_organizations_name_key ON public.api_key_organizations USING btree (organization_id, user_id, name) WHERE active;


--
-- Name: api_key_organizations_organization_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_key_organizations_organization_idx ON public.api_key_organizations USING btree (organization_id, key_id);


--
-- Name: api_key_secrets_current_key; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX api_key_secrets_current_key ON public.api_key_secrets USING btree (key_id) WHERE (expires_at IS NULL);


--
-- Name: api_key_secrets_expiry_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_key_secrets_expiry_idx ON public.api_key_secrets USING btree (expires_at) WHERE (expires_at IS NOT NULL);


--
-- Name: api_key_secrets_key_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_key_secrets_key_idx ON public.api_key_secrets USING btree (key_id, created_at DESC);


--
-- Name: api_key_secrets_last_characters_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_key_secrets_last_characters_idx ON public.api_key_secrets USING btree ("right"(hint, 4));


--
-- Name: api_key_usage_days_day_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_key_usage_days_day_idx ON public.api_key_usage_days USING btree (day);


--
-- Name: api_key_usage_days_organization_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_key_usage_days_organization_idx ON public.api_key_usage_days USING btree (organization_id, day);


--
-- Name: api_key_usage_hour_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_key_usage_hour_idx ON public.api_key_usage USING btree (hour);


--
-- Name: api_key_usage_organization_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_key_usage_organization_idx ON public.api_key_usage USING btree (organization_id, hour);


--
-- Name: api_keys_end_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_keys_end_idx ON public.api_keys USING btree (COALESCE(revoked_at, expires_at, updated_at)) WHERE (status <> 'active'::public.api_key_status);


--
-- Name: api_keys_expiry_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_keys_expiry_idx ON public.api_keys USING btree (expires_at) WHERE ((status = 'active'::public.api_key_status) AND (expires_at IS NOT NULL));


--
-- Name: api_keys_organization_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_keys_organization_idx ON public.api_keys USING btree (organization_id, created_at DESC);


--
-- Name: api_keys_parent_grant_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_keys_parent_grant_idx ON public.api_keys USING btree (parent_grant_id) WHERE (parent_grant_id IS NOT NULL);


--
-- Name: api_keys_parent_key_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_keys_parent_key_idx ON public.api_keys USING btree (parent_key_id) WHERE (parent_key_id IS NOT NULL);


--
-- Name: api_keys_user_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_keys_user_idx ON public.api_keys USING btree (user_id);


--
-- Name: audit_events_action_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_action_idx ON ONLY public.audit_events USING btree (organization_id, action, created_at DESC);


--
-- Name: audit_events_2026_11_action_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2026_11_action_idx ON public.audit_events_2026_11 USING btree (organization_id, action, created_at DESC);


--
-- Name: audit_events_email_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_email_idx ON ONLY public.audit_events USING btree (organization_id, actor_email, created_at DESC);


--
-- Name: audit_events_2026_11_email_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2026_11_email_idx ON public.audit_events_2026_11 USING btree (organization_id, actor_email, created_at DESC);


--
-- Name: audit_events_key_prefix_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_key_prefix_idx ON ONLY public.audit_events USING btree (organization_id, actor_api_key_prefix, created_at DESC) WHERE (actor_api_key_prefix IS NOT NULL);


--
-- Name: audit_events_2026_11_key_prefix_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2026_11_key_prefix_idx ON public.audit_events_2026_11 USING btree (organization_id, actor_api_key_prefix, created_at DESC) WHERE (actor_api_key_prefix IS NOT NULL);


--
-- Name: audit_events_key_suffix_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_key_suffix_idx ON ONLY public.audit_events USING btree (organization_id, actor_api_key_suffix, created_at DESC) WHERE (actor_api_key_suffix IS NOT NULL);


--
-- Name: audit_events_2026_11_key_suffix_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2026_11_key_suffix_idx ON public.audit_events_2026_11 USING btree (organization_id, actor_api_key_suffix, created_at DESC) WHERE (actor_api_key_suffix IS NOT NULL);


--
-- Name: audit_events_actor_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_actor_idx ON ONLY public.audit_events USING btree (organization_id, actor_id, created_at DESC);


--
-- Name: audit_events_2026_11_organization_id_actor_id_created_at_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2026_11_organization_id_actor_id_created_at_idx ON public.audit_events_2026_11 USING btree (organization_id, actor_id, created_at DESC);


--
-- Name: audit_events_created_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_created_idx ON ONLY public.audit_events USING btree (organization_id, created_at DESC, id DESC);


--
-- Name: audit_events_2026_11_organization_id_created_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2026_11_organization_id_created_at_id_idx ON public.audit_events_2026_11 USING btree (organization_id, created_at DESC, id DESC);


--
-- Name: audit_events_sequence_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_sequence_idx ON ONLY public.audit_events USING btree (organization_id, sequence DESC);


--
-- Name: audit_events_2026_11_organization_id_sequence_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2026_11_organization_id_sequence_idx ON public.audit_events_2026_11 USING btree (organization_id, sequence DESC);


--
-- Name: audit_events_target_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_target_idx ON ONLY public.audit_events USING btree (organization_id, target_id, created_at DESC);


--
-- Name: audit_events_2026_11_organization_id_target_id_created_at_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2026_11_organization_id_target_id_created_at_idx ON public.audit_events_2026_11 USING btree (organization_id, target_id, created_at DESC);


--
-- Name: audit_events_status_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_status_idx ON ONLY public.audit_events USING btree (organization_id, status_code, created_at DESC);


--
-- Name: audit_events_2026_11_status_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2026_11_status_idx ON public.audit_events_2026_11 USING btree (organization_id, status_code, created_at DESC);


--
-- Name: audit_events_type_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_type_idx ON ONLY public.audit_events USING btree (organization_id, target_type, created_at DESC);


--
-- Name: audit_events_2026_11_type_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2026_11_type_idx ON public.audit_events_2026_11 USING btree (organization_id, target_type, created_at DESC);


--
-- Name: audit_events_2026_12_action_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2026_12_action_idx ON public.audit_events_2026_12 USING btree (organization_id, action, created_at DESC);


--
-- Name: audit_events_2026_12_email_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2026_12_email_idx ON public.audit_events_2026_12 USING btree (organization_id, actor_email, created_at DESC);


--
-- Name: audit_events_2026_12_key_prefix_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2026_12_key_prefix_idx ON public.audit_events_2026_12 USING btree (organization_id, actor_api_key_prefix, created_at DESC) WHERE (actor_api_key_prefix IS NOT NULL);


--
-- Name: audit_events_2026_12_key_suffix_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2026_12_key_suffix_idx ON public.audit_events_2026_12 USING btree (organization_id, actor_api_key_suffix, created_at DESC) WHERE (actor_api_key_suffix IS NOT NULL);


--
-- Name: audit_events_2026_12_organization_id_actor_id_created_at_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2026_12_organization_id_actor_id_created_at_idx ON public.audit_events_2026_12 USING btree (organization_id, actor_id, created_at DESC);


--
-- Name: audit_events_2026_12_organization_id_created_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2026_12_organization_id_created_at_id_idx ON public.audit_events_2026_12 USING btree (organization_id, created_at DESC, id DESC);


--
-- Name: audit_events_2026_12_organization_id_sequence_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2026_12_organization_id_sequence_idx ON public.audit_events_2026_12 USING btree (organization_id, sequence DESC);


--
-- Name: audit_events_2026_12_organization_id_target_id_created_at_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2026_12_organization_id_target_id_created_at_idx ON public.audit_events_2026_12 USING btree (organization_id, target_id, created_at DESC);


--
-- Name: audit_events_2026_12_status_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2026_12_status_idx ON public.audit_events_2026_12 USING btree (organization_id, status_code, created_at DESC);


--
-- Name: audit_events_2026_12_type_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2026_12_type_idx ON public.audit_events_2026_12 USING btree (organization_id, target_type, created_at DESC);


--
-- Name: audit_events_2027_01_action_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2027_01_action_idx ON public.audit_events_2027_01 USING btree (organization_id, action, created_at DESC);


--
-- Name: audit_events_2027_01_email_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2027_01_email_idx ON public.audit_events_2027_01 USING btree (organization_id, actor_email, created_at DESC);


--
-- Name: audit_events_2027_01_key_prefix_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2027_01_key_prefix_idx ON public.audit_events_2027_01 USING btree (organization_id, actor_api_key_prefix, created_at DESC) WHERE (actor_api_key_prefix IS NOT NULL);


--
-- Name: audit_events_2027_01_key_suffix_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2027_01_key_suffix_idx ON public.audit_events_2027_01 USING btree (organization_id, actor_api_key_suffix, created_at DESC) WHERE (actor_api_key_suffix IS NOT NULL);


--
-- Name: audit_events_2027_01_organization_id_actor_id_created_at_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2027_01_organization_id_actor_id_created_at_idx ON public.audit_events_2027_01 USING btree (organization_id, actor_id, created_at DESC);


--
-- Name: audit_events_2027_01_organization_id_created_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2027_01_organization_id_created_at_id_idx ON public.audit_events_2027_01 USING btree (organization_id, created_at DESC, id DESC);


--
-- Name: audit_events_2027_01_organization_id_sequence_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2027_01_organization_id_sequence_idx ON public.audit_events_2027_01 USING btree (organization_id, sequence DESC);


--
-- Name: audit_events_2027_01_organization_id_target_id_created_at_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2027_01_organization_id_target_id_created_at_idx ON public.audit_events_2027_01 USING btree (organization_id, target_id, created_at DESC);


--
-- Name: audit_events_2027_01_status_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2027_01_status_idx ON public.audit_events_2027_01 USING btree (organization_id, status_code, created_at DESC);


--
-- Name: audit_events_2027_01_type_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2027_01_type_idx ON public.audit_events_2027_01 USING btree (organization_id, target_type, created_at DESC);


--
-- Name: audit_events_2027_02_action_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2027_02_action_idx ON public.audit_events_2027_02 USING btree (organization_id, action, created_at DESC);


--
-- Name: audit_events_2027_02_email_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2027_02_email_idx ON public.audit_events_2027_02 USING btree (organization_id, actor_email, created_at DESC);


--
-- Name: audit_events_2027_02_key_prefix_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2027_02_key_prefix_idx ON public.audit_events_2027_02 USING btree (organization_id, actor_api_key_prefix, created_at DESC) WHERE (actor_api_key_prefix IS NOT NULL);


--
-- Name: audit_events_2027_02_key_suffix_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2027_02_key_suffix_idx ON public.audit_events_2027_02 USING btree (organization_id, actor_api_key_suffix, created_at DESC) WHERE (actor_api_key_suffix IS NOT NULL);


--
-- Name: audit_events_2027_02_organization_id_actor_id_created_at_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2027_02_organization_id_actor_id_created_at_idx ON public.audit_events_2027_02 USING btree (organization_id, actor_id, created_at DESC);


--
-- Name: audit_events_2027_02_organization_id_created_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2027_02_organization_id_created_at_id_idx ON public.audit_events_2027_02 USING btree (organization_id, created_at DESC, id DESC);


--
-- Name: audit_events_2027_02_organization_id_sequence_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2027_02_organization_id_sequence_idx ON public.audit_events_2027_02 USING btree (organization_id, sequence DESC);


--
-- Name: audit_events_2027_02_organization_id_target_id_created_at_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2027_02_organization_id_target_id_created_at_idx ON public.audit_events_2027_02 USING btree (organization_id, target_id, created_at DESC);


--
-- Name: audit_events_2027_02_status_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2027_02_status_idx ON public.audit_events_2027_02 USING btree (organization_id, status_code, created_at DESC);


--
-- Name: audit_events_2027_02_type_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_2027_02_type_idx ON public.audit_events_2027_02 USING btree (organization_id, target_type, created_at DESC);


--
-- Name: audit_events_default_action_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_default_action_idx ON public.audit_events_default USING btree (organization_id, action, created_at DESC);


--
-- Name: audit_events_default_email_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_default_email_idx ON public.audit_events_default USING btree (organization_id, actor_email, created_at DESC);


--
-- Name: audit_events_default_key_prefix_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_default_key_prefix_idx ON public.audit_events_default USING btree (organization_id, actor_api_key_prefix, created_at DESC) WHERE (actor_api_key_prefix IS NOT NULL);


--
-- Name: audit_events_default_key_suffix_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_default_key_suffix_idx ON public.audit_events_default USING btree (organization_id, actor_api_key_suffix, created_at DESC) WHERE (actor_api_key_suffix IS NOT NULL);


--
-- Name: audit_events_default_organization_id_actor_id_created_at_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_default_organization_id_actor_id_created_at_idx ON public.audit_events_default USING btree (organization_id, actor_id, created_at DESC);


--
-- Name: audit_events_default_organization_id_created_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_default_organization_id_created_at_id_idx ON public.audit_events_default USING btree (organization_id, created_at DESC, id DESC);


--
-- Name: audit_events_default_organization_id_sequence_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_default_organization_id_sequence_idx ON public.audit_events_default USING btree (organization_id, sequence DESC);


--
-- Name: audit_events_default_organization_id_target_id_created_at_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_default_organization_id_target_id_created_at_idx ON public.audit_events_default USING btree (organization_id, target_id, created_at DESC);


--
-- Name: audit_events_default_status_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_default_status_idx ON public.audit_events_default USING btree (organization_id, status_code, created_at DESC);


--
-- Name: audit_events_default_type_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_events_default_type_idx ON public.audit_events_default USING btree (organization_id, target_type, created_at DESC);


--
-- Name: consent_organizations_client_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX consent_organizations_client_idx ON public.consent_organizations USING btree (client_id);


--
-- Name: consent_organizations_organization_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX consent_organizations_organization_idx ON public.consent_organizations USING btree (organization_id);


--
-- Name: consents_client_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX consents_client_idx ON public.consents USING btree (client_id);


--
-- Name: email_verifications_token_key; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX email_verifications_token_key ON public.email_verifications USING btree (token_digest);


--
-- Name: grants_client_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX grants_client_idx ON public.grants USING btree (client_id);


--
-- Name: grants_expiry_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX grants_expiry_idx ON public.grants USING btree (expires_at);


--
-- Name: grants_session_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX grants_session_idx ON public.grants USING btree (session_uid) WHERE (session_uid IS NOT NULL);


--
-- Name: grants_user_client_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX grants_user_client_idx ON public.grants USING btree (user_id, client_id);


--
-- Name: invitation_roles_role_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX invitation_roles_role_idx ON public.invitation_roles USING btree (role_id);


--
-- Name: member_roles_role_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX member_roles_role_idx ON public.member_roles USING btree (role_id);


--
-- Name: oidc_artifacts_account_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX oidc_artifacts_account_idx ON public.oidc_artifacts USING btree (account_id, model) WHERE (account_id IS NOT NULL);


--
-- Name: oidc_artifacts_client_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX oidc_artifacts_client_idx ON public.oidc_artifacts USING btree (client_id) WHERE (client_id IS NOT NULL);


--
-- Name: oidc_artifacts_consumed_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX oidc_artifacts_consumed_idx ON public.oidc_artifacts USING btree (consumed_at) WHERE (consumed_at IS NOT NULL);


--
-- Name: oidc_artifacts_expiry_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX oidc_artifacts_expiry_idx ON public.oidc_artifacts USING btree (expires_at);


--
-- Name: oidc_artifacts_grant_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX oidc_artifacts_grant_idx ON public.oidc_artifacts USING btree (grant_id) WHERE (grant_id IS NOT NULL);


--
-- Name: oidc_artifacts_uid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX oidc_artifacts_uid_idx ON public.oidc_artifacts USING btree (uid) WHERE (uid IS NOT NULL);


--
-- Name: oidc_artifacts_user_code_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX oidc_artifacts_user_code_idx ON public.oidc_artifacts USING btree (user_code) WHERE (user_code IS NOT NULL);


--
-- Name: oidc_clients_created_by_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX oidc_clients_created_by_idx ON public.oidc_clients USING btree (created_by) WHERE (created_by IS NOT NULL);


--
-- Name: oidc_clients_organization_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX oidc_clients_organization_idx ON public.oidc_clients USING btree (organization_id, created_at DESC);


--
-- Name: organization_invitations_email_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX organization_invitations_email_idx ON public.organization_invitations USING btree (lower(email));


--
-- Name: organization_invitations_end_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX organization_invitations_end_idx ON public.organization_invitations USING btree (GREATEST(updated_at, expires_at));


--
-- Name: organization_invitations_invited_by_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX organization_invitations_invited_by_idx ON public.organization_invitations USING btree (invited_by);


--
-- Name: organization_invitations_open_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX organization_invitations_open_idx ON public.organization_invitations USING btree (organization_id, created_at DESC, id DESC) WHERE (status = 'pending'::public.invitation_status);


--
-- Name: organization_invitations_organization_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX organization_invitations_organization_idx ON public.organization_invitations USING btree (organization_id, created_at DESC);


--
-- Name: organization_invitations_pending_key; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX organization_invitations_pending_key ON public.organization_invitations USING btree (organization_id, lower(email)) WHERE (status = 'pending'::public.invitation_status);


--
-- Name: organization_members_organization_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX organization_members_organization_idx ON public.organization_members USING btree (organization_id, created_at, user_id);


--
-- Name: organization_members_user_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX organization_members_user_idx ON public.organization_members USING btree (user_id);


--
-- Name: organizations_created_by_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX organizations_created_by_idx ON public.organizations USING btree (created_by);


--
-- Name: organizations_personal_key; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX organizations_personal_key ON public.organizations USING btree (created_by) WHERE personal;


--
-- Name: registries_organization_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX registries_organization_idx ON public.registries USING btree (organization_id, created_at DESC, id DESC);


--
-- Name: registries_organization_name_key; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX registries_organization_name_key ON public.registries USING btree (organization_id, name);


--
-- Name: roles_global_name_key; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX roles_global_name_key ON public.roles USING btree (name) WHERE (organization_id IS NULL);


--
-- Name: roles_organization_name_key; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX roles_organization_name_key ON public.roles USING btree (organization_id, name);


--
-- Name: sandboxes_organization_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sandboxes_organization_idx ON public.sandboxes USING btree (organization_id, created_at DESC, id DESC);


--
-- Name: sandboxes_organization_name_key; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX sandboxes_organization_name_key ON public.sandboxes USING btree (organization_id, name);


--
-- Name: snapshots_organization_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX snapshots_organization_idx ON public.snapshots USING btree (organization_id, created_at DESC, id DESC);


--
-- Name: snapshots_organization_name_key; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX snapshots_organization_name_key ON public.snapshots USING btree (organization_id, name);


--
-- Name: user_credentials_password_key; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX user_credentials_password_key ON public.user_credentials USING btree (user_id) WHERE (kind = 'password'::public.credential_kind);


--
-- Name: user_credentials_user_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX user_credentials_user_idx ON public.user_credentials USING btree (user_id);


--
-- Name: users_email_key; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX users_email_key ON public.users USING btree (lower(email));


--
-- Name: volumes_organization_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX volumes_organization_idx ON public.volumes USING btree (organization_id, created_at DESC, id DESC);


--
-- Name: volumes_organization_name_key; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX volumes_organization_name_key ON public.volumes USING btree (organization_id, name) WHERE (deleted_at IS NULL);


--
-- Name: audit_events_2026_11_action_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_action_idx ATTACH PARTITION public.audit_events_2026_11_action_idx;


--
-- Name: audit_events_2026_11_email_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_email_idx ATTACH PARTITION public.audit_events_2026_11_email_idx;


--
-- Name: audit_events_2026_11_key_prefix_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_key_prefix_idx ATTACH PARTITION public.audit_events_2026_11_key_prefix_idx;


--
-- Name: audit_events_2026_11_key_suffix_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_key_suffix_idx ATTACH PARTITION public.audit_events_2026_11_key_suffix_idx;


--
-- Name: audit_events_2026_11_organization_id_actor_id_created_at_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_actor_idx ATTACH PARTITION public.audit_events_2026_11_organization_id_actor_id_created_at_idx;


--
-- Name: audit_events_2026_11_organization_id_created_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_created_idx ATTACH PARTITION public.audit_events_2026_11_organization_id_created_at_id_idx;


--
-- Name: audit_events_2026_11_organization_id_sequence_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_sequence_idx ATTACH PARTITION public.audit_events_2026_11_organization_id_sequence_idx;


--
-- Name: audit_events_2026_11_organization_id_target_id_created_at_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_target_idx ATTACH PARTITION public.audit_events_2026_11_organization_id_target_id_created_at_idx;


--
-- Name: audit_events_2026_11_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_id_created_at_pk ATTACH PARTITION public.audit_events_2026_11_pkey;


--
-- Name: audit_events_2026_11_status_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_status_idx ATTACH PARTITION public.audit_events_2026_11_status_idx;


--
-- Name: audit_events_2026_11_type_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_type_idx ATTACH PARTITION public.audit_events_2026_11_type_idx;


--
-- Name: audit_events_2026_12_action_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_action_idx ATTACH PARTITION public.audit_events_2026_12_action_idx;


--
-- Name: audit_events_2026_12_email_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_email_idx ATTACH PARTITION public.audit_events_2026_12_email_idx;


--
-- Name: audit_events_2026_12_key_prefix_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_key_prefix_idx ATTACH PARTITION public.audit_events_2026_12_key_prefix_idx;


--
-- Name: audit_events_2026_12_key_suffix_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_key_suffix_idx ATTACH PARTITION public.audit_events_2026_12_key_suffix_idx;


--
-- Name: audit_events_2026_12_organization_id_actor_id_created_at_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_actor_idx ATTACH PARTITION public.audit_events_2026_12_organization_id_actor_id_created_at_idx;


--
-- Name: audit_events_2026_12_organization_id_created_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_created_idx ATTACH PARTITION public.audit_events_2026_12_organization_id_created_at_id_idx;


--
-- Name: audit_events_2026_12_organization_id_sequence_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_sequence_idx ATTACH PARTITION public.audit_events_2026_12_organization_id_sequence_idx;


--
-- Name: audit_events_2026_12_organization_id_target_id_created_at_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_target_idx ATTACH PARTITION public.audit_events_2026_12_organization_id_target_id_created_at_idx;


--
-- Name: audit_events_2026_12_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_id_created_at_pk ATTACH PARTITION public.audit_events_2026_12_pkey;


--
-- Name: audit_events_2026_12_status_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_status_idx ATTACH PARTITION public.audit_events_2026_12_status_idx;


--
-- Name: audit_events_2026_12_type_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_type_idx ATTACH PARTITION public.audit_events_2026_12_type_idx;


--
-- Name: audit_events_2027_01_action_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_action_idx ATTACH PARTITION public.audit_events_2027_01_action_idx;


--
-- Name: audit_events_2027_01_email_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_email_idx ATTACH PARTITION public.audit_events_2027_01_email_idx;


--
-- Name: audit_events_2027_01_key_prefix_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_key_prefix_idx ATTACH PARTITION public.audit_events_2027_01_key_prefix_idx;


--
-- Name: audit_events_2027_01_key_suffix_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_key_suffix_idx ATTACH PARTITION public.audit_events_2027_01_key_suffix_idx;


--
-- Name: audit_events_2027_01_organization_id_actor_id_created_at_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_actor_idx ATTACH PARTITION public.audit_events_2027_01_organization_id_actor_id_created_at_idx;


--
-- Name: audit_events_2027_01_organization_id_created_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_created_idx ATTACH PARTITION public.audit_events_2027_01_organization_id_created_at_id_idx;


--
-- Name: audit_events_2027_01_organization_id_sequence_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_sequence_idx ATTACH PARTITION public.audit_events_2027_01_organization_id_sequence_idx;


--
-- Name: audit_events_2027_01_organization_id_target_id_created_at_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_target_idx ATTACH PARTITION public.audit_events_2027_01_organization_id_target_id_created_at_idx;


--
-- Name: audit_events_2027_01_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_id_created_at_pk ATTACH PARTITION public.audit_events_2027_01_pkey;


--
-- Name: audit_events_2027_01_status_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_status_idx ATTACH PARTITION public.audit_events_2027_01_status_idx;


--
-- Name: audit_events_2027_01_type_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_type_idx ATTACH PARTITION public.audit_events_2027_01_type_idx;


--
-- Name: audit_events_2027_02_action_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_action_idx ATTACH PARTITION public.audit_events_2027_02_action_idx;


--
-- Name: audit_events_2027_02_email_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_email_idx ATTACH PARTITION public.audit_events_2027_02_email_idx;


--
-- Name: audit_events_2027_02_key_prefix_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_key_prefix_idx ATTACH PARTITION public.audit_events_2027_02_key_prefix_idx;


--
-- Name: audit_events_2027_02_key_suffix_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_key_suffix_idx ATTACH PARTITION public.audit_events_2027_02_key_suffix_idx;


--
-- Name: audit_events_2027_02_organization_id_actor_id_created_at_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_actor_idx ATTACH PARTITION public.audit_events_2027_02_organization_id_actor_id_created_at_idx;


--
-- Name: audit_events_2027_02_organization_id_created_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_created_idx ATTACH PARTITION public.audit_events_2027_02_organization_id_created_at_id_idx;


--
-- Name: audit_events_2027_02_organization_id_sequence_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_sequence_idx ATTACH PARTITION public.audit_events_2027_02_organization_id_sequence_idx;


--
-- Name: audit_events_2027_02_organization_id_target_id_created_at_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_target_idx ATTACH PARTITION public.audit_events_2027_02_organization_id_target_id_created_at_idx;


--
-- Name: audit_events_2027_02_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_id_created_at_pk ATTACH PARTITION public.audit_events_2027_02_pkey;


--
-- Name: audit_events_2027_02_status_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_status_idx ATTACH PARTITION public.audit_events_2027_02_status_idx;


--
-- Name: audit_events_2027_02_type_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_type_idx ATTACH PARTITION public.audit_events_2027_02_type_idx;


--
-- Name: audit_events_default_action_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_action_idx ATTACH PARTITION public.audit_events_default_action_idx;


--
-- Name: audit_events_default_email_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_email_idx ATTACH PARTITION public.audit_events_default_email_idx;


--
-- Name: audit_events_default_key_prefix_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_key_prefix_idx ATTACH PARTITION public.audit_events_default_key_prefix_idx;


--
-- Name: audit_events_default_key_suffix_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_key_suffix_idx ATTACH PARTITION public.audit_events_default_key_suffix_idx;


--
-- Name: audit_events_default_organization_id_actor_id_created_at_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_actor_idx ATTACH PARTITION public.audit_events_default_organization_id_actor_id_created_at_idx;


--
-- Name: audit_events_default_organization_id_created_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_created_idx ATTACH PARTITION public.audit_events_default_organization_id_created_at_id_idx;


--
-- Name: audit_events_default_organization_id_sequence_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_sequence_idx ATTACH PARTITION public.audit_events_default_organization_id_sequence_idx;


--
-- Name: audit_events_default_organization_id_target_id_created_at_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_target_idx ATTACH PARTITION public.audit_events_default_organization_id_target_id_created_at_idx;


--
-- Name: audit_events_default_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_id_created_at_pk ATTACH PARTITION public.audit_events_default_pkey;


--
-- Name: audit_events_default_status_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_status_idx ATTACH PARTITION public.audit_events_default_status_idx;


--
-- Name: audit_events_default_type_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_events_type_idx ATTACH PARTITION public.audit_events_default_type_idx;


--
-- Name: audit_events chain_audit_event; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER chain_audit_event BEFORE INSERT ON public.audit_events FOR EACH ROW EXECUTE FUNCTION public.chain_audit_event();


--
-- Name: organization_members end_keys_of_membership; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER end_keys_of_membership AFTER DELETE ON public.organization_members FOR EACH ROW EXECUTE FUNCTION public.end_keys_of_membership();


--
-- Name: api_key_organizations fill_api_key_organization; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER fill_api_key_organization BEFORE INSERT ON public.api_key_organizations FOR EACH ROW EXECUTE FUNCTION public.fill_api_key_organization();


--
-- Name: api_keys follow_api_key; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER follow_api_key AFTER UPDATE OF status, name, user_id, expires_at, permissions ON public.api_keys FOR EACH ROW EXECUTE FUNCTION public.follow_api_key();


--
-- Name: api_keys keep_api_key_dead; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER keep_api_key_dead BEFORE UPDATE OF status ON public.api_keys FOR EACH ROW WHEN (((old.status <> 'active'::public.api_key_status) AND (new.status = 'active'::public.api_key_status))) EXECUTE FUNCTION public.keep_api_key_dead();


--
-- Name: grants keep_grant_dead; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER keep_grant_dead BEFORE UPDATE OF revoked_at ON public.grants FOR EACH ROW WHEN (((old.revoked_at IS NOT NULL) AND (new.revoked_at IS DISTINCT FROM old.revoked_at))) EXECUTE FUNCTION public.keep_grant_dead();


--
-- Name: organization_members keep_last_owner_of_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER keep_last_owner_of_delete AFTER DELETE ON public.organization_members FOR EACH ROW WHEN ((old.role = 'owner'::public.member_role)) EXECUTE FUNCTION public.keep_last_owner();


--
-- Name: organization_members keep_last_owner_of_update; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER keep_last_owner_of_update AFTER UPDATE OF role, organization_id, user_id ON public.organization_members FOR EACH ROW WHEN (((old.role = 'owner'::public.member_role) AND ((new.role <> 'owner'::public.member_role) OR (new.organization_id <> old.organization_id)))) EXECUTE FUNCTION public.keep_last_owner();


--
-- Name: oidc_clients kill_what_client_had; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER kill_what_client_had AFTER DELETE ON public.oidc_clients FOR EACH ROW EXECUTE FUNCTION public.kill_what_client_had();


--
-- Name: grants kill_what_deleted_grant_made; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER kill_what_deleted_grant_made AFTER DELETE ON public.grants FOR EACH ROW EXECUTE FUNCTION public.kill_what_grant_made();


--
-- Name: grants kill_what_grant_made; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER kill_what_grant_made AFTER UPDATE OF revoked_at ON public.grants FOR EACH ROW WHEN (((old.revoked_at IS NULL) AND (new.revoked_at IS NOT NULL))) EXECUTE FUNCTION public.kill_what_grant_made();


--
-- Name: api_key_organizations narrow_child_keys; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER narrow_child_keys AFTER DELETE ON public.api_key_organizations FOR EACH ROW EXECUTE FUNCTION public.narrow_child_keys();


--
-- Name: grants narrow_children_of_grant; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER narrow_children_of_grant AFTER UPDATE OF scopes, organization_ids, expires_at ON public.grants FOR EACH ROW WHEN (((old.scopes IS DISTINCT FROM new.scopes) OR (old.organization_ids IS DISTINCT FROM new.organization_ids) OR (old.expires_at IS DISTINCT FROM new.expires_at))) EXECUTE FUNCTION public.narrow_children_of_grant();


--
-- Name: api_keys narrow_children_of_key; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER narrow_children_of_key AFTER UPDATE OF permissions, expires_at ON public.api_keys FOR EACH ROW WHEN (((old.permissions IS DISTINCT FROM new.permissions) OR (old.expires_at IS DISTINCT FROM new.expires_at))) EXECUTE FUNCTION public.narrow_children_of_key();


--
-- Name: oidc_clients narrow_grants_of_client; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER narrow_grants_of_client AFTER UPDATE OF scopes ON public.oidc_clients FOR EACH ROW WHEN (((NOT new.first_party) AND (old.scopes IS DISTINCT FROM new.scopes))) EXECUTE FUNCTION public.narrow_grants_of_client();


--
-- Name: roles notify_all_of_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_all_of_delete AFTER DELETE ON public.roles FOR EACH ROW WHEN ((old.organization_id IS NULL)) EXECUTE FUNCTION public.notify_all();


--
-- Name: api_key_organizations notify_all_of_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_all_of_truncate AFTER TRUNCATE ON public.api_key_organizations FOR EACH STATEMENT EXECUTE FUNCTION public.notify_all();


--
-- Name: api_key_secrets notify_all_of_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_all_of_truncate AFTER TRUNCATE ON public.api_key_secrets FOR EACH STATEMENT EXECUTE FUNCTION public.notify_all();


--
-- Name: api_keys notify_all_of_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_all_of_truncate AFTER TRUNCATE ON public.api_keys FOR EACH STATEMENT EXECUTE FUNCTION public.notify_all();


--
-- Name: grants notify_all_of_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_all_of_truncate AFTER TRUNCATE ON public.grants FOR EACH STATEMENT EXECUTE FUNCTION public.notify_all();


--
-- Name: member_roles notify_all_of_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_all_of_truncate AFTER TRUNCATE ON public.member_roles FOR EACH STATEMENT EXECUTE FUNCTION public.notify_all();


--
-- Name: oidc_clients notify_all_of_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_all_of_truncate AFTER TRUNCATE ON public.oidc_clients FOR EACH STATEMENT EXECUTE FUNCTION public.notify_all();


--
-- Name: organization_members notify_all_of_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_all_of_truncate AFTER TRUNCATE ON public.organization_members FOR EACH STATEMENT EXECUTE FUNCTION public.notify_all();


--
-- Name: organizations notify_all_of_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_all_of_truncate AFTER TRUNCATE ON public.organizations FOR EACH STATEMENT EXECUTE FUNCTION public.notify_all();


--
-- Name: roles notify_all_of_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_all_of_truncate AFTER TRUNCATE ON public.roles FOR EACH STATEMENT EXECUTE FUNCTION public.notify_all();


--
-- Name: signing_keys notify_all_of_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_all_of_truncate AFTER TRUNCATE ON public.signing_keys FOR EACH STATEMENT EXECUTE FUNCTION public.notify_all();


--
-- Name: users notify_all_of_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_all_of_truncate AFTER TRUNCATE ON public.users FOR EACH STATEMENT EXECUTE FUNCTION public.notify_all();


--
-- Name: roles notify_all_of_update; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_all_of_update AFTER UPDATE OF organization_id, permissions ON public.roles FOR EACH ROW WHEN (((old.organization_id IS NULL) OR (new.organization_id IS NULL))) EXECUTE FUNCTION public.notify_all();


--
-- Name: api_key_organizations notify_change; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE OF key_id, organization_id, active ON public.api_key_organizations FOR EACH ROW EXECUTE FUNCTION public.notify_change('key', 'key_id');


--
-- Name: api_key_secrets notify_change; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE OF digest, key_id, expires_at ON public.api_key_secrets FOR EACH ROW EXECUTE FUNCTION public.notify_change('key', 'key_id');


--
-- Name: api_keys notify_change; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_change AFTER DELETE OR UPDATE OF status, permissions, expires_at, name, user_id, organization_id ON public.api_keys FOR EACH ROW EXECUTE FUNCTION public.notify_change('key', 'id');


--
-- Name: grants notify_change; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_change AFTER DELETE OR UPDATE OF revoked_at, scopes, organization_ids, expires_at, user_id, client_id ON public.grants FOR EACH ROW EXECUTE FUNCTION public.notify_change('grant', 'id');


--
-- Name: member_roles notify_change; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE ON public.member_roles FOR EACH ROW EXECUTE FUNCTION public.notify_change('user', 'user_id');


--
-- Name: oidc_clients notify_change; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE ON public.oidc_clients FOR EACH ROW EXECUTE FUNCTION public.notify_change('client', 'id');


--
-- Name: organization_members notify_change; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE OF organization_id, user_id, role ON public.organization_members FOR EACH ROW EXECUTE FUNCTION public.notify_change('user', 'user_id');


--
-- Name: organizations notify_change; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_change AFTER DELETE OR UPDATE OF suspended_at, suspension_reason, suspended_until, personal ON public.organizations FOR EACH ROW EXECUTE FUNCTION public.notify_change('organization', 'id');


--
-- Name: roles notify_change; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_change AFTER DELETE OR UPDATE OF organization_id, permissions ON public.roles FOR EACH ROW EXECUTE FUNCTION public.notify_change('organization', 'organization_id');


--
-- Name: signing_keys notify_change; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE ON public.signing_keys FOR EACH ROW EXECUTE FUNCTION public.notify_change('signing-keys', 'kid');


--
-- Name: users notify_change; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER notify_change AFTER DELETE OR UPDATE OF disabled_at, email, email_verified, name ON public.users FOR EACH ROW EXECUTE FUNCTION public.notify_change('user', 'id');


--
-- Name: audit_anchors refuse_anchor_change; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_anchor_change BEFORE DELETE OR UPDATE ON public.audit_anchors FOR EACH ROW EXECUTE FUNCTION public.refuse_audit_change();


--
-- Name: audit_anchors refuse_anchor_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_anchor_truncate BEFORE TRUNCATE ON public.audit_anchors FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_audit_change();


--
-- Name: audit_events refuse_audit_change; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_audit_change BEFORE DELETE OR UPDATE ON public.audit_events FOR EACH ROW EXECUTE FUNCTION public.refuse_audit_change();


--
-- Name: audit_events refuse_audit_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_audit_truncate BEFORE TRUNCATE ON public.audit_events FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_audit_change();


--
-- Name: audit_events_2026_11 refuse_audit_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_audit_truncate BEFORE TRUNCATE ON public.audit_events_2026_11 FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_audit_change();


--
-- Name: audit_events_2026_12 refuse_audit_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_audit_truncate BEFORE TRUNCATE ON public.audit_events_2026_12 FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_audit_change();


--
-- Name: audit_events_2027_01 refuse_audit_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_audit_truncate BEFORE TRUNCATE ON public.audit_events_2027_01 FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_audit_change();


--
-- Name: audit_events_2027_02 refuse_audit_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_audit_truncate BEFORE TRUNCATE ON public.audit_events_2027_02 FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_audit_change();


--
-- Name: audit_events_default refuse_audit_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_audit_truncate BEFORE TRUNCATE ON public.audit_events_default FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_audit_change();


--
-- Name: audit_chain_heads refuse_head_change; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_head_change BEFORE DELETE OR UPDATE ON public.audit_chain_heads FOR EACH ROW EXECUTE FUNCTION public.refuse_head_change();


--
-- Name: audit_chain_heads refuse_head_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_head_truncate BEFORE TRUNCATE ON public.audit_chain_heads FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_audit_change();


--
-- Name: api_key_organizations refuse_without_reserve; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON public.api_key_organizations FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_without_reserve();


--
-- Name: api_key_usage refuse_without_reserve; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON public.api_key_usage FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_without_reserve();


--
-- Name: api_key_usage_days refuse_without_reserve; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON public.api_key_usage_days FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_without_reserve();


--
-- Name: api_keys refuse_without_reserve; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON public.api_keys FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_without_reserve();


--
-- Name: consent_organizations refuse_without_reserve; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON public.consent_organizations FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_without_reserve();


--
-- Name: consents refuse_without_reserve; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON public.consents FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_without_reserve();


--
-- Name: email_verifications refuse_without_reserve; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON public.email_verifications FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_without_reserve();


--
-- Name: invitation_roles refuse_without_reserve; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON public.invitation_roles FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_without_reserve();


--
-- Name: oidc_clients refuse_without_reserve; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON public.oidc_clients FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_without_reserve();


--
-- Name: organization_invitations refuse_without_reserve; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON public.organization_invitations FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_without_reserve();


--
-- Name: organization_members refuse_without_reserve; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON public.organization_members FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_without_reserve();


--
-- Name: organizations refuse_without_reserve; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON public.organizations FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_without_reserve();


--
-- Name: registries refuse_without_reserve; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON public.registries FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_without_reserve();


--
-- Name: roles refuse_without_reserve; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON public.roles FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_without_reserve();


--
-- Name: sandboxes refuse_without_reserve; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON public.sandboxes FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_without_reserve();


--
-- Name: snapshots refuse_without_reserve; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON public.snapshots FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_without_reserve();


--
-- Name: user_credentials refuse_without_reserve; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON public.user_credentials FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_without_reserve();


--
-- Name: users refuse_without_reserve; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON public.users FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_without_reserve();


--
-- Name: volumes refuse_without_reserve; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON public.volumes FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_without_reserve();


--
-- Name: oidc_artifacts require_live_grant; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER require_live_grant BEFORE INSERT OR UPDATE OF payload, grant_id ON public.oidc_artifacts FOR EACH ROW WHEN ((new.grant_id IS NOT NULL)) EXECUTE FUNCTION public.require_live_grant();


--
-- Name: api_keys require_live_parent; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER require_live_parent BEFORE INSERT ON public.api_keys FOR EACH ROW WHEN (((new.parent_key_id IS NOT NULL) OR (new.parent_grant_id IS NOT NULL))) EXECUTE FUNCTION public.require_live_parent();


--
-- Name: api_key_organizations require_membership; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER require_membership BEFORE INSERT ON public.api_key_organizations FOR EACH ROW EXECUTE FUNCTION public.require_membership();


--
-- Name: api_keys require_narrower_than_parent; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER require_narrower_than_parent BEFORE INSERT OR UPDATE OF permissions, expires_at ON public.api_keys FOR EACH ROW WHEN (((new.parent_key_id IS NOT NULL) OR (new.parent_grant_id IS NOT NULL))) EXECUTE FUNCTION public.require_narrower_than_parent();


--
-- Name: api_key_organizations api_key_organizations_key_id_api_keys_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_key_organizations
    ADD CONSTRAINT api_key_organizations_key_id_api_keys_id_fk FOREIGN KEY (key_id) REFERENCES public.api_keys(id) ON DELETE CASCADE;


--
-- Name: api_key_organizations api_key_organizations_organization_id_organizations_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_key_organizations
    ADD CONSTRAINT api_key_organizations_organization_id_organizations_id_fk FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;


--
-- Name: api_key_secrets api_key_secrets_key_id_api_keys_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_key_secrets
    ADD CONSTRAINT api_key_secrets_key_id_api_keys_id_fk FOREIGN KEY (key_id) REFERENCES public.api_keys(id) ON DELETE CASCADE;


--
-- Name: api_key_usage_days api_key_usage_days_key_id_api_keys_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_key_usage_days
    ADD CONSTRAINT api_key_usage_days_key_id_api_keys_id_fk FOREIGN KEY (key_id) REFERENCES public.api_keys(id) ON DELETE CASCADE;


--
-- Name: api_key_usage_days api_key_usage_days_organization_id_organizations_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_key_usage_days
    ADD CONSTRAINT api_key_usage_days_organization_id_organizations_id_fk FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;


--
-- Name: api_key_usage api_key_usage_key_id_api_keys_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_key_usage
    ADD CONSTRAINT api_key_usage_key_id_api_keys_id_fk FOREIGN KEY (key_id) REFERENCES public.api_keys(id) ON DELETE CASCADE;


--
-- Name: api_key_usage api_key_usage_organization_id_organizations_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_key_usage
    ADD CONSTRAINT api_key_usage_organization_id_organizations_id_fk FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;


--
-- Name: api_keys api_keys_organization_id_organizations_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_organization_id_organizations_id_fk FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;


--
-- Name: api_keys api_keys_parent_grant_id_grants_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_parent_grant_id_grants_id_fk FOREIGN KEY (parent_grant_id) REFERENCES public.grants(id) ON DELETE CASCADE;


--
-- Name: api_keys api_keys_parent_key_id_api_keys_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_parent_key_id_api_keys_id_fk FOREIGN KEY (parent_key_id) REFERENCES public.api_keys(id) ON DELETE CASCADE;


--
-- Name: api_keys api_keys_user_id_users_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: consent_organizations consent_organizations_consent_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.consent_organizations
    ADD CONSTRAINT consent_organizations_consent_fk FOREIGN KEY (user_id, client_id) REFERENCES public.consents(user_id, client_id) ON DELETE CASCADE;


--
-- Name: consent_organizations consent_organizations_organization_id_organizations_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.consent_organizations
    ADD CONSTRAINT consent_organizations_organization_id_organizations_id_fk FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;


--
-- Name: consents consents_user_id_users_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.consents
    ADD CONSTRAINT consents_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: email_verifications email_verifications_user_id_users_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.email_verifications
    ADD CONSTRAINT email_verifications_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: grants grants_user_id_users_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.grants
    ADD CONSTRAINT grants_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: invitation_roles invitation_roles_invitation_id_organization_invitations_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.invitation_roles
    ADD CONSTRAINT invitation_roles_invitation_id_organization_invitations_id_fk FOREIGN KEY (invitation_id) REFERENCES public.organization_invitations(id) ON DELETE CASCADE;


--
-- Name: invitation_roles invitation_roles_role_id_roles_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.invitation_roles
    ADD CONSTRAINT invitation_roles_role_id_roles_id_fk FOREIGN KEY (role_id) REFERENCES public.roles(id) ON DELETE CASCADE;


--
-- Name: member_roles member_roles_member_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.member_roles
    ADD CONSTRAINT member_roles_member_fk FOREIGN KEY (organization_id, user_id) REFERENCES public.organization_members(organization_id, user_id) ON DELETE CASCADE;


--
-- Name: member_roles member_roles_role_id_roles_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.member_roles
    ADD CONSTRAINT member_roles_role_id_roles_id_fk FOREIGN KEY (role_id) REFERENCES public.roles(id) ON DELETE CASCADE;


--
-- Name: oidc_clients oidc_clients_created_by_users_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.oidc_clients
    ADD CONSTRAINT oidc_clients_created_by_users_id_fk FOREIGN KEY (created_by) REFERENCES public.users(id) ON DELETE SET NULL;


--
-- Name: oidc_clients oidc_clients_organization_id_organizations_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.oidc_clients
    ADD CONSTRAINT oidc_clients_organization_id_organizations_id_fk FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;


--
-- Name: organization_invitations organization_invitations_invited_by_users_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.organization_invitations
    ADD CONSTRAINT organization_invitations_invited_by_users_id_fk FOREIGN KEY (invited_by) REFERENCES public.users(id);


--
-- Name: organization_invitations organization_invitations_organization_id_organizations_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.organization_invitations
    ADD CONSTRAINT organization_invitations_organization_id_organizations_id_fk FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;


--
-- Name: organization_members organization_members_organization_id_organizations_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT organization_members_organization_id_organizations_id_fk FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;


--
-- Name: organization_members organization_members_user_id_users_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT organization_members_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: organizations organizations_created_by_users_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.organizations
    ADD CONSTRAINT organizations_created_by_users_id_fk FOREIGN KEY (created_by) REFERENCES public.users(id);


--
-- Name: registries registries_organization_id_organizations_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.registries
    ADD CONSTRAINT registries_organization_id_organizations_id_fk FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;


--
-- Name: roles roles_organization_id_organizations_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.roles
    ADD CONSTRAINT roles_organization_id_organizations_id_fk FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;


--
-- Name: sandboxes sandboxes_organization_id_organizations_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sandboxes
    ADD CONSTRAINT sandboxes_organization_id_organizations_id_fk FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;


--
-- Name: snapshots snapshots_organization_id_organizations_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.snapshots
    ADD CONSTRAINT snapshots_organization_id_organizations_id_fk FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;


--
-- Name: user_credentials user_credentials_user_id_users_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.user_credentials
    ADD CONSTRAINT user_credentials_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: volumes volumes_organization_id_organizations_id_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.volumes
    ADD CONSTRAINT volumes_organization_id_organizations_id_fk FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;


--
-- PostgreSQL database dump complete
--


