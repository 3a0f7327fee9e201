CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON resource_servers
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_without_reserve();
