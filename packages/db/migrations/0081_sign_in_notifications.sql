-- Which sign-ins count decides about tokens in every process: the rule and issuer of an organization's identity provider, for the
-- users of its domain and those that it has signed in.
CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE OF organization_id, issuer, sign_in
  ON identity_providers FOR EACH ROW EXECUTE FUNCTION notify_change('organization', 'organization_id');
--> statement-breakpoint
CREATE TRIGGER notify_all_of_truncate AFTER TRUNCATE
  ON identity_providers FOR EACH STATEMENT EXECUTE FUNCTION notify_all();
--> statement-breakpoint
-- Who has a verified domain decides about the users with an address in it, who may be members of other organizations only.
CREATE TRIGGER notify_domain_of_verified AFTER INSERT ON organization_domains
  FOR EACH ROW WHEN (NEW.verified_at IS NOT NULL) EXECUTE FUNCTION notify_change('domain', 'domain');
--> statement-breakpoint
CREATE TRIGGER notify_domain_of_change AFTER UPDATE OF verified_at, domain, organization_id ON organization_domains
  FOR EACH ROW WHEN ((OLD.verified_at IS NULL) <> (NEW.verified_at IS NULL) OR OLD.domain <> NEW.domain
    OR OLD.organization_id <> NEW.organization_id)
  EXECUTE FUNCTION notify_change('domain', 'domain');
--> statement-breakpoint
CREATE TRIGGER notify_domain_of_delete AFTER DELETE ON organization_domains
  FOR EACH ROW WHEN (OLD.verified_at IS NOT NULL) EXECUTE FUNCTION notify_change('domain', 'domain');
--> statement-breakpoint
-- An owner without a second factor has to sign in with the identity provider, too.
CREATE TRIGGER notify_change AFTER DELETE
  ON totp_factors FOR EACH ROW EXECUTE FUNCTION notify_change('user', 'user_id');
--> statement-breakpoint
CREATE TRIGGER notify_all_of_truncate AFTER TRUNCATE
  ON totp_factors FOR EACH STATEMENT EXECUTE FUNCTION notify_all();
--> statement-breakpoint
CREATE TRIGGER notify_change AFTER DELETE
  ON passkeys FOR EACH ROW EXECUTE FUNCTION notify_change('user', 'user_id');
--> statement-breakpoint
CREATE TRIGGER notify_all_of_truncate AFTER TRUNCATE
  ON passkeys FOR EACH STATEMENT EXECUTE FUNCTION notify_all();
