-- A session that ends before its expiry is reported to each client that got a grant in it and receives logout tokens
-- (OpenID Connect Back-Channel Logout 1.0), whichever statement ends it. So is a client that the session lets go of. A client
-- that the user only visited never learns of the user.
CREATE FUNCTION queue_backchannel_logouts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO backchannel_logouts (client_id, user_id, sid)
    SELECT client.id, OLD.account_id, entry.value ->> 'sid'
    FROM jsonb_each(OLD.payload -> 'authorizations') entry JOIN oidc_clients client ON client.id = entry.key
    WHERE client.backchannel_logout_uri IS NOT NULL AND entry.value ->> 'sid' IS NOT NULL
      AND (TG_OP = 'DELETE' OR NEW.payload -> 'authorizations' -> entry.key IS NULL)
      AND EXISTS (SELECT FROM grants WHERE session_uid = OLD.uid AND grants.client_id = client.id);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER queue_backchannel_logouts AFTER DELETE ON oidc_artifacts FOR EACH ROW
  WHEN (OLD.model = 'Session' AND OLD.account_id IS NOT NULL AND OLD.expires_at > now()
    AND jsonb_typeof(OLD.payload -> 'authorizations') = 'object')
  EXECUTE FUNCTION queue_backchannel_logouts();
--> statement-breakpoint
CREATE TRIGGER queue_backchannel_logouts_of_client AFTER UPDATE OF payload ON oidc_artifacts FOR EACH ROW
  WHEN (OLD.model = 'Session' AND OLD.account_id IS NOT NULL
    AND jsonb_typeof(OLD.payload -> 'authorizations') = 'object'
    AND OLD.payload -> 'authorizations' IS DISTINCT FROM NEW.payload -> 'authorizations')
  EXECUTE FUNCTION queue_backchannel_logouts();
