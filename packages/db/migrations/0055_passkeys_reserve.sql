CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON passkeys
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_without_reserve();
