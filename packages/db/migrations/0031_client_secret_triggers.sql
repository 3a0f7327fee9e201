-- The secrets of clients are in `oidc_client_secrets`. Servers of the previous release read and write
-- `oidc_clients.secret_digest`, a copy of the oldest valid one. What they write there replaces the secrets of the client.

CREATE FUNCTION replace_client_secrets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM oidc_client_secrets WHERE client_id = NEW.id AND digest = NEW.secret_digest) THEN
    DELETE FROM oidc_client_secrets WHERE client_id = NEW.id;
    IF NEW.secret_digest IS NOT NULL THEN
      INSERT INTO oidc_client_secrets (id, client_id, name, digest)
        VALUES ('sec_' || left(replace(gen_random_uuid()::text, '-', ''), 26), NEW.id, 'default', NEW.secret_digest);
    END IF;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER replace_client_secrets_of_new AFTER INSERT
  ON oidc_clients FOR EACH ROW WHEN (NEW.secret_digest IS NOT NULL) EXECUTE FUNCTION replace_client_secrets();
--> statement-breakpoint
CREATE TRIGGER replace_client_secrets AFTER UPDATE OF secret_digest
  ON oidc_clients FOR EACH ROW WHEN (NEW.secret_digest IS DISTINCT FROM OLD.secret_digest)
  EXECUTE FUNCTION replace_client_secrets();
--> statement-breakpoint
INSERT INTO oidc_client_secrets (id, client_id, name, digest, created_at)
  SELECT 'sec_' || left(replace(gen_random_uuid()::text, '-', ''), 26), id, 'default', secret_digest, created_at
  FROM oidc_clients WHERE secret_digest IS NOT NULL;
--> statement-breakpoint
CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE OF digest, client_id, expires_at
  ON oidc_client_secrets FOR EACH ROW EXECUTE FUNCTION notify_change('client', 'client_id');
--> statement-breakpoint
CREATE TRIGGER notify_all_of_truncate AFTER TRUNCATE
  ON oidc_client_secrets FOR EACH STATEMENT EXECUTE FUNCTION notify_all();
