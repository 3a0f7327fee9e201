CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON client_registrations
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_without_reserve();--> statement-breakpoint
CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON initial_access_tokens
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_without_reserve();
