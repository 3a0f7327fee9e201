CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON organization_identities
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_without_reserve();
