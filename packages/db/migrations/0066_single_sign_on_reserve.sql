CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON organization_domains
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_without_reserve();--> statement-breakpoint
CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON identity_providers
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_without_reserve();
