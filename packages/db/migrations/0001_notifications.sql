-- Tells every listening process, at commit and only then, which answers may have changed. Payload: `<kind>:<id>`.
-- The triggers fire only on columns that decide an answer, so that counters and timestamps stay silent.

-- Arguments: kind, column [, kind, column …]. Names the row as it was and as it is, since an id may move.
CREATE FUNCTION notify_change() RETURNS trigger LANGUAGE plpgsql AS $$
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
--> statement-breakpoint
-- For what may concern everybody: a built-in role, an emptied table.
CREATE FUNCTION notify_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('daytona_auth', 'all:' || TG_TABLE_NAME);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER notify_change AFTER DELETE OR UPDATE OF status, permissions, expires_at, name, user_id, organization_id
  ON api_keys FOR EACH ROW EXECUTE FUNCTION notify_change('key', 'id');
--> statement-breakpoint
CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE OF digest, key_id, expires_at
  ON api_key_secrets FOR EACH ROW EXECUTE FUNCTION notify_change('key', 'key_id');
--> statement-breakpoint
CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE OF key_id, organization_id, active
  ON api_key_organizations FOR EACH ROW EXECUTE FUNCTION notify_change('key', 'key_id');
--> statement-breakpoint
CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE OF organization_id, user_id, role
  ON organization_members FOR EACH ROW EXECUTE FUNCTION notify_change('user', 'user_id');
--> statement-breakpoint
CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE
  ON member_roles FOR EACH ROW EXECUTE FUNCTION notify_change('user', 'user_id');
--> statement-breakpoint
CREATE TRIGGER notify_change AFTER DELETE OR UPDATE OF organization_id, permissions
  ON roles FOR EACH ROW EXECUTE FUNCTION notify_change('organization', 'organization_id');
--> statement-breakpoint
CREATE TRIGGER notify_all_of_delete AFTER DELETE
  ON roles FOR EACH ROW WHEN (OLD.organization_id IS NULL) EXECUTE FUNCTION notify_all();
--> statement-breakpoint
CREATE TRIGGER notify_all_of_update AFTER UPDATE OF organization_id, permissions
  ON roles FOR EACH ROW WHEN (OLD.organization_id IS NULL OR NEW.organization_id IS NULL) EXECUTE FUNCTION notify_all();
--> statement-breakpoint
CREATE TRIGGER notify_change AFTER DELETE OR UPDATE OF suspended_at, suspension_reason, suspended_until, personal
  ON organizations FOR EACH ROW EXECUTE FUNCTION notify_change('organization', 'id');
--> statement-breakpoint
CREATE TRIGGER notify_change AFTER DELETE OR UPDATE OF disabled_at, email, email_verified, name
  ON users FOR EACH ROW EXECUTE FUNCTION notify_change('user', 'id');
--> statement-breakpoint
CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE
  ON oidc_clients FOR EACH ROW EXECUTE FUNCTION notify_change('client', 'id');
--> statement-breakpoint
CREATE TRIGGER notify_change AFTER DELETE OR UPDATE OF revoked_at, scopes, organization_ids, expires_at, user_id, client_id
  ON grants FOR EACH ROW EXECUTE FUNCTION notify_change('grant', 'id');
--> statement-breakpoint
CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE
  ON signing_keys FOR EACH ROW EXECUTE FUNCTION notify_change('signing-keys', 'kid');
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['api_keys', 'api_key_secrets', 'api_key_organizations', 'organization_members', 'member_roles',
    'roles', 'organizations', 'users', 'oidc_clients', 'grants', 'signing_keys'] LOOP
    EXECUTE format('CREATE TRIGGER notify_all_of_truncate AFTER TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION notify_all()', name);
  END LOOP;
END $$;
