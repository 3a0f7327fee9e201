-- Userinfo answers with the language and the time zone that a person has chosen, from facts that servers cache.
CREATE OR REPLACE TRIGGER notify_change AFTER DELETE
  OR UPDATE OF disabled_at, email, email_verified, name, chosen_language, time_zone
  ON users FOR EACH ROW EXECUTE FUNCTION notify_change('user', 'id');
