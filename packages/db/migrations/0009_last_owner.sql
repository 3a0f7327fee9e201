-- An organization keeps an owner, whoever writes. SQLSTATE DA005: the last one would go. The organization's row is taken
-- first, so that two who go at once are seen one after the other; it is gone already where the organization itself is
-- deleted, and then there is nothing to keep.
CREATE FUNCTION keep_last_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM organizations WHERE id = OLD.organization_id FOR NO KEY UPDATE;
  IF FOUND AND NOT EXISTS (
    SELECT FROM organization_members WHERE organization_id = OLD.organization_id AND role = 'owner'
  ) THEN
    RAISE EXCEPTION 'an organization keeps an owner' USING ERRCODE = 'DA005';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_last_owner_of_update AFTER UPDATE OF role, organization_id, user_id
  ON organization_members FOR EACH ROW
  WHEN (OLD.role = 'owner' AND (NEW.role <> 'owner' OR NEW.organization_id <> OLD.organization_id))
  EXECUTE FUNCTION keep_last_owner();
--> statement-breakpoint
CREATE TRIGGER keep_last_owner_of_delete AFTER DELETE
  ON organization_members FOR EACH ROW WHEN (OLD.role = 'owner') EXECUTE FUNCTION keep_last_owner();
