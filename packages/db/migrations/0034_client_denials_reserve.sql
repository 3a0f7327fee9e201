CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON oidc_client_denials
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_without_reserve();
