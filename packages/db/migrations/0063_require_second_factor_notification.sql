-- A requirement that was set or removed decides about tokens in every process.
CREATE OR REPLACE TRIGGER notify_change AFTER DELETE
  OR UPDATE OF suspended_at, suspension_reason, suspended_until, personal, require_second_factor
  ON organizations FOR EACH ROW EXECUTE FUNCTION notify_change('organization', 'id');
