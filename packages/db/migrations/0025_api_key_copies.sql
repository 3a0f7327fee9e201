-- A key's expiry and permissions stand beside its name in `api_key_organizations`, for the indexes of an organization's
-- keys. Replaces functions and the trigger of 0002_invariants.sql.

CREATE OR REPLACE FUNCTION fill_api_key_organization() RETURNS trigger LANGUAGE plpgsql AS $$
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
--> statement-breakpoint
CREATE OR REPLACE FUNCTION follow_api_key() RETURNS trigger LANGUAGE plpgsql AS $$
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
--> statement-breakpoint
CREATE OR REPLACE TRIGGER follow_api_key AFTER UPDATE OF status, name, user_id, expires_at, permissions
  ON api_keys FOR EACH ROW EXECUTE FUNCTION follow_api_key();
