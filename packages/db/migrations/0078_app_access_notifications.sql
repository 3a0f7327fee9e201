-- The decisions of an organization about apps, and its policy, decide about tokens and child keys in every process.
CREATE OR REPLACE TRIGGER notify_change AFTER DELETE
  OR UPDATE OF suspended_at, suspension_reason, suspended_until, personal, require_second_factor, app_access
  ON organizations FOR EACH ROW EXECUTE FUNCTION notify_change('organization', 'id');
--> statement-breakpoint
-- The organization, not the client: one organization's decisions evict nothing of another.
CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE OF organization_id, client_id, decision
  ON app_decisions FOR EACH ROW EXECUTE FUNCTION notify_change('organization', 'organization_id');
--> statement-breakpoint
CREATE TRIGGER notify_all_of_truncate AFTER TRUNCATE
  ON app_decisions FOR EACH STATEMENT EXECUTE FUNCTION notify_all();
--> statement-breakpoint
-- A verified domain decides, in every organization with the policy verified_domains, about the apps of the domain's owner.
CREATE FUNCTION notify_clients_of_domain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('daytona_auth', 'client:' || id) FROM oidc_clients
    WHERE organization_id = CASE WHEN TG_OP = 'DELETE' THEN OLD.organization_id ELSE NEW.organization_id END;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER notify_clients_of_verified AFTER INSERT ON organization_domains
  FOR EACH ROW WHEN (NEW.verified_at IS NOT NULL) EXECUTE FUNCTION notify_clients_of_domain();
--> statement-breakpoint
CREATE TRIGGER notify_clients_of_change AFTER UPDATE OF verified_at, domain ON organization_domains
  FOR EACH ROW WHEN (OLD.verified_at IS DISTINCT FROM NEW.verified_at OR OLD.domain <> NEW.domain)
  EXECUTE FUNCTION notify_clients_of_domain();
--> statement-breakpoint
CREATE TRIGGER notify_clients_of_delete AFTER DELETE ON organization_domains
  FOR EACH ROW WHEN (OLD.verified_at IS NOT NULL) EXECUTE FUNCTION notify_clients_of_domain();
--> statement-breakpoint
CREATE TRIGGER notify_all_of_truncate AFTER TRUNCATE
  ON organization_domains FOR EACH STATEMENT EXECUTE FUNCTION notify_all();
--> statement-breakpoint
-- A request can wait; a block of an app is a revocation and needs no reserve.
CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON app_requests
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_without_reserve();
