CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON totp_factors
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_without_reserve();
--> statement-breakpoint
CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON recovery_codes
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_without_reserve();
