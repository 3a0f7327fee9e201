-- A key never exceeds what it was made with, whoever writes: not at its creation, and not when its parent changes.
-- SQLSTATE DA006: a key would reach an organization that its owner is no member of.

-- What both sets permit: `admin:organization` includes every permission.
CREATE FUNCTION common_permissions(p_child text[], p_parent text[]) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN 'admin:organization' = ANY (p_parent) THEN p_child
    ELSE ARRAY(
      SELECT name FROM unnest(CASE WHEN 'admin:organization' = ANY (p_child) THEN p_parent ELSE p_child END)
        WITH ORDINALITY AS given (name, place)
      WHERE name = ANY (p_parent) AND name ~ '^(read|write|admin):' ORDER BY place)
  END
$$;
--> statement-breakpoint
-- Runs after `require_live_parent`, which holds the parent. What exceeds the parent is cut.
CREATE FUNCTION require_narrower_than_parent() RETURNS trigger LANGUAGE plpgsql AS $$
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
--> statement-breakpoint
CREATE TRIGGER require_narrower_than_parent BEFORE INSERT OR UPDATE OF permissions, expires_at
  ON api_keys FOR EACH ROW WHEN (NEW.parent_key_id IS NOT NULL OR NEW.parent_grant_id IS NOT NULL)
  EXECUTE FUNCTION require_narrower_than_parent();
--> statement-breakpoint
-- The trigger above cuts each child when it is written. A child that is left without any permission is revoked.
CREATE FUNCTION narrow_children_of_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE api_keys SET status = 'revoked', revoked_at = now()
    WHERE parent_key_id = NEW.id AND status = 'active' AND common_permissions(permissions, NEW.permissions) = '{}';
  UPDATE api_keys SET permissions = common_permissions(permissions, NEW.permissions), expires_at = LEAST(expires_at, NEW.expires_at)
    WHERE parent_key_id = NEW.id AND status = 'active'
      AND (permissions <> common_permissions(permissions, NEW.permissions) OR expires_at IS NULL OR expires_at > NEW.expires_at);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER narrow_children_of_key AFTER UPDATE OF permissions, expires_at ON api_keys FOR EACH ROW
  WHEN (OLD.permissions IS DISTINCT FROM NEW.permissions OR OLD.expires_at IS DISTINCT FROM NEW.expires_at)
  EXECUTE FUNCTION narrow_children_of_key();
--> statement-breakpoint
CREATE FUNCTION narrow_children_of_grant() RETURNS trigger LANGUAGE plpgsql AS $$
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
--> statement-breakpoint
CREATE TRIGGER narrow_children_of_grant AFTER UPDATE OF scopes, organization_ids, expires_at ON grants FOR EACH ROW
  WHEN (OLD.scopes IS DISTINCT FROM NEW.scopes OR OLD.organization_ids IS DISTINCT FROM NEW.organization_ids
    OR OLD.expires_at IS DISTINCT FROM NEW.expires_at)
  EXECUTE FUNCTION narrow_children_of_grant();
--> statement-breakpoint
-- What an app may not ask for any more is taken from its live grants, and by the trigger above from the keys made with them.
CREATE FUNCTION narrow_grants_of_client() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE grants SET scopes = ARRAY(SELECT scope FROM unnest(scopes) scope WHERE scope = 'openid' OR scope = ANY (NEW.scopes))
    WHERE client_id = NEW.id AND revoked_at IS NULL AND NOT scopes <@ (ARRAY['openid'] || NEW.scopes);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER narrow_grants_of_client AFTER UPDATE OF scopes ON oidc_clients FOR EACH ROW
  WHEN (NOT NEW.first_party AND OLD.scopes IS DISTINCT FROM NEW.scopes) EXECUTE FUNCTION narrow_grants_of_client();
--> statement-breakpoint
-- A key reaches an organization only while its owner is a member: at its creation, which waits for a removal under way,
-- and afterwards. Runs after `fill_api_key_organization`, which has set the owner.
CREATE FUNCTION require_membership() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM organization_members WHERE organization_id = NEW.organization_id AND user_id = NEW.user_id FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the owner of the key is no member of the organization' USING ERRCODE = 'DA006';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER require_membership BEFORE INSERT ON api_key_organizations FOR EACH ROW EXECUTE FUNCTION require_membership();
--> statement-breakpoint
CREATE FUNCTION end_keys_of_membership() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE api_keys SET status = 'revoked', revoked_at = now()
    WHERE user_id = OLD.user_id AND organization_id = OLD.organization_id AND status = 'active';
  DELETE FROM api_key_organizations
    WHERE user_id = OLD.user_id AND organization_id = OLD.organization_id AND active;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER end_keys_of_membership AFTER DELETE ON organization_members FOR EACH ROW EXECUTE FUNCTION end_keys_of_membership();
