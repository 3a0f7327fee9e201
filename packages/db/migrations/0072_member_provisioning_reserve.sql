CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON removed_members
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_without_reserve();
