-- Notifies, at commit, that the trail of an organization has new events. On a channel of its own: servers of an earlier release
-- do not listen to it, and would empty their caches at each notification that they do not know.

CREATE FUNCTION notify_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('daytona_auth_events', 'audit:' || organization_id)
    FROM (SELECT DISTINCT organization_id FROM inserted) AS trails;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER notify_audit AFTER INSERT ON audit_events REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION notify_audit();
