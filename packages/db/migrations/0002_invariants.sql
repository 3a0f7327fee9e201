-- What must hold whoever writes. SQLSTATE DA001: the grant is revoked or unknown. DA002: the parent credential is dead.
-- DA003: a thing that is over would come back to life.

-- An artifact of a killed grant cannot be written. FOR SHARE makes this wait for a revocation under way, and a
-- revocation wait for an insert under way, whose row it then deletes.
CREATE FUNCTION require_live_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM grants WHERE id = NEW.grant_id AND revoked_at IS NULL FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the grant is revoked or unknown' USING ERRCODE = 'DA001';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER require_live_grant BEFORE INSERT OR UPDATE OF payload, grant_id
  ON oidc_artifacts FOR EACH ROW WHEN (NEW.grant_id IS NOT NULL) EXECUTE FUNCTION require_live_grant();
--> statement-breakpoint
CREATE FUNCTION keep_grant_dead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a revoked grant stays revoked' USING ERRCODE = 'DA003';
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_grant_dead BEFORE UPDATE OF revoked_at
  ON grants FOR EACH ROW WHEN (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
  EXECUTE FUNCTION keep_grant_dead();
--> statement-breakpoint
-- Killing a grant kills what was issued for it, and the keys that were made with it.
CREATE FUNCTION kill_what_grant_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM oidc_artifacts WHERE grant_id = OLD.id;
  UPDATE api_keys SET status = 'revoked', revoked_at = now() WHERE parent_grant_id = OLD.id AND status = 'active';
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER kill_what_grant_made AFTER UPDATE OF revoked_at
  ON grants FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION kill_what_grant_made();
--> statement-breakpoint
CREATE TRIGGER kill_what_deleted_grant_made AFTER DELETE
  ON grants FOR EACH ROW EXECUTE FUNCTION kill_what_grant_made();
--> statement-breakpoint
-- A client that is gone leaves no live grant and no consent behind.
CREATE FUNCTION kill_what_client_had() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE grants SET revoked_at = now(), revoked_reason = 'client deleted' WHERE client_id = OLD.id AND revoked_at IS NULL;
  DELETE FROM consents WHERE client_id = OLD.id;
  DELETE FROM oidc_artifacts WHERE client_id = OLD.id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER kill_what_client_had AFTER DELETE
  ON oidc_clients FOR EACH ROW EXECUTE FUNCTION kill_what_client_had();
--> statement-breakpoint
-- A key made with another credential needs that credential alive at its birth: a revocation under way is waited for.
CREATE FUNCTION require_live_parent() RETURNS trigger LANGUAGE plpgsql AS $$
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
--> statement-breakpoint
CREATE TRIGGER require_live_parent BEFORE INSERT
  ON api_keys FOR EACH ROW WHEN (NEW.parent_key_id IS NOT NULL OR NEW.parent_grant_id IS NOT NULL)
  EXECUTE FUNCTION require_live_parent();
--> statement-breakpoint
CREATE FUNCTION keep_api_key_dead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a key that is % stays so', OLD.status USING ERRCODE = 'DA003';
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_api_key_dead BEFORE UPDATE OF status
  ON api_keys FOR EACH ROW WHEN (OLD.status <> 'active' AND NEW.status = 'active') EXECUTE FUNCTION keep_api_key_dead();
--> statement-breakpoint
-- The copies that keep names unique follow the key, and its children end with it.
CREATE FUNCTION follow_api_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE api_key_organizations SET name = NEW.name, user_id = NEW.user_id, active = (NEW.status = 'active') WHERE key_id = NEW.id;
  IF NEW.status = 'revoked' THEN
    UPDATE api_keys SET status = 'revoked', revoked_at = now() WHERE parent_key_id = NEW.id AND status = 'active';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER follow_api_key AFTER UPDATE OF status, name, user_id
  ON api_keys FOR EACH ROW EXECUTE FUNCTION follow_api_key();
--> statement-breakpoint
-- A key reaches no organization that its parent does not reach.
CREATE FUNCTION fill_api_key_organization() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  parent text;
BEGIN
  SELECT user_id, name, status = 'active', parent_key_id INTO NEW.user_id, NEW.name, NEW.active, parent
    FROM api_keys WHERE id = NEW.key_id;
  IF parent IS NOT NULL THEN
    PERFORM FROM api_key_organizations WHERE key_id = parent AND organization_id = NEW.organization_id FOR KEY SHARE;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'the parent key does not reach the organization' USING ERRCODE = 'DA002';
    END IF;
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER fill_api_key_organization BEFORE INSERT
  ON api_key_organizations FOR EACH ROW EXECUTE FUNCTION fill_api_key_organization();
--> statement-breakpoint
CREATE FUNCTION narrow_child_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE api_keys SET status = 'revoked', revoked_at = now()
    WHERE parent_key_id = OLD.key_id AND organization_id = OLD.organization_id AND status = 'active';
  DELETE FROM api_key_organizations child USING api_keys
    WHERE api_keys.id = child.key_id AND api_keys.parent_key_id = OLD.key_id AND child.organization_id = OLD.organization_id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER narrow_child_keys AFTER DELETE
  ON api_key_organizations FOR EACH ROW EXECUTE FUNCTION narrow_child_keys();
