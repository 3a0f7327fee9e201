-- The keys are locked: a change of a key in the meantime would otherwise be overwritten by the values from before it.
WITH key AS MATERIALIZED (
  SELECT id, expires_at, permissions FROM api_keys ORDER BY id FOR SHARE
)
UPDATE api_key_organizations SET expires_at = key.expires_at, permissions = key.permissions
  FROM key WHERE key.id = key_id;
