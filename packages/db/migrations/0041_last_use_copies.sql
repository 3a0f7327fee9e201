-- Keeps `api_key_last_uses`: a row for each active key in each of its organizations. Replaces a function of
-- 0025_api_key_copies.sql.

CREATE FUNCTION add_last_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.active THEN
    INSERT INTO api_key_last_uses (key_id, organization_id, last_used_at) VALUES (NEW.key_id, NEW.organization_id,
      coalesce((SELECT max(last_used_at) FROM api_key_secrets WHERE key_id = NEW.key_id), '-infinity'));
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER add_last_use AFTER INSERT ON api_key_organizations FOR EACH ROW EXECUTE FUNCTION add_last_use();
--> statement-breakpoint
-- At most once a minute for each key. A row that is locked is skipped, so that this never waits with locked secrets: another
-- process writes the same use to it, or the key ends.
CREATE FUNCTION copy_last_uses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE api_key_last_uses last SET last_used_at = due.at
  FROM (
    SELECT copy.key_id, copy.organization_id, used.at
    FROM (SELECT key_id, max(last_used_at) AS at FROM changed GROUP BY key_id) used
    JOIN api_key_last_uses copy ON copy.key_id = used.key_id
    WHERE used.at >= copy.last_used_at + interval '1 minute'
    FOR NO KEY UPDATE OF copy SKIP LOCKED
  ) due
  WHERE last.key_id = due.key_id AND last.organization_id = due.organization_id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER copy_last_uses AFTER UPDATE ON api_key_secrets REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION copy_last_uses();
--> statement-breakpoint
CREATE OR REPLACE FUNCTION follow_api_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE api_key_organizations
    SET name = NEW.name, user_id = NEW.user_id, active = (NEW.status = 'active'), expires_at = NEW.expires_at,
      permissions = NEW.permissions
    WHERE key_id = NEW.id;
  IF NEW.status <> 'active' THEN
    DELETE FROM api_key_last_uses WHERE key_id = NEW.id;
  END IF;
  IF NEW.status = 'revoked' THEN
    UPDATE api_keys SET status = 'revoked', revoked_at = now() WHERE parent_key_id = NEW.id AND status = 'active';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON api_key_last_uses
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_without_reserve();
