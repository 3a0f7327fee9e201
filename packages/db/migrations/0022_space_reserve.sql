-- Space on the database's disk that revocations use when the disk is full. While the table does not exist, the space is
-- released and creations are refused: SQLSTATE 53100 with the constraint `space_reserve`.

-- Unlogged: it costs no WAL, and crash recovery empties it first, so that a server that stopped because it could not write
-- WAL starts again. Wide rows on nearly empty pages, which take space in the file system and little in a dump.
CREATE FUNCTION create_space_reserve(name text, bytes bigint) RETURNS void LANGUAGE plpgsql
  SET search_path = public, pg_temp AS $$
BEGIN
  EXECUTE format('CREATE UNLOGGED TABLE public.%I (filler bigint)
    WITH (fillfactor = 10, autovacuum_enabled = off, vacuum_truncate = off)', name);
  WHILE pg_relation_size(format('public.%I', name)::regclass) < bytes LOOP
    EXECUTE format('INSERT INTO public.%I SELECT 0 FROM generate_series(1, 2000)', name);
  END LOOP;
END $$;
--> statement-breakpoint
SELECT create_space_reserve('space_reserve', 0);
--> statement-breakpoint
-- Returns whether the reserve is released. One that is empty has no space to release and stays. DROP instead of TRUNCATE,
-- which writes new rows to the catalog. The file is truncated when the transaction commits.
CREATE FUNCTION release_space_reserve() RETURNS boolean LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '1s' SET client_min_messages = warning AS $$
BEGIN
  IF to_regclass('public.space_reserve') IS NOT NULL THEN
    IF pg_relation_size(to_regclass('public.space_reserve')) = 0 THEN
      RETURN false;
    END IF;
    DROP TABLE IF EXISTS public.space_reserve;
  END IF;
  RETURN true;
END $$;
--> statement-breakpoint
-- Fills the reserve to `bytes` and returns whether creations are allowed. A released reserve needs room for twice as much:
-- otherwise it would take the space back from the revocations that it was released for.
CREATE FUNCTION fill_space_reserve(bytes bigint) RETURNS boolean LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '1s' SET client_min_messages = warning AS $$
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
--> statement-breakpoint
CREATE FUNCTION refuse_without_reserve() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF to_regclass('public.space_reserve') IS NULL THEN
    RAISE EXCEPTION 'the disk of the database is full: nothing is created until it has space'
      USING ERRCODE = 'disk_full', CONSTRAINT = 'space_reserve';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- Every table to which a creation adds rows. The others are listed with reasons in `space-reserve.test.ts`.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['api_key_organizations', 'api_key_usage', 'api_key_usage_days', 'api_keys',
    'consent_organizations', 'consents', 'email_verifications', 'invitation_roles', 'oidc_clients', 'organization_invitations',
    'organization_members', 'organizations', 'registries', 'roles', 'sandboxes', 'snapshots', 'user_credentials', 'users',
    'volumes'] LOOP
    EXECUTE format('CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON public.%I
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_without_reserve()', name);
  END LOOP;
END $$;
