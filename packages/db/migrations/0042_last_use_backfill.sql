-- batches
-- The secrets are locked: a use in the meantime would otherwise be lost. In the order of digests, as `recordUsage` locks them.
-- Each batch begins behind the last one, if it has the same connection: otherwise it reads all rows that are copied, and ten
-- million take hours.
WITH missing AS MATERIALIZED (
  SELECT key_id, organization_id FROM api_key_organizations reached
  WHERE active AND key_id >= coalesce(current_setting('daytona_auth.last_copied', true), '') AND NOT EXISTS (
    SELECT FROM api_key_last_uses last WHERE last.key_id = reached.key_id AND last.organization_id = reached.organization_id
      AND last.key_id >= coalesce(current_setting('daytona_auth.last_copied', true), ''))
  ORDER BY key_id LIMIT 5000
), secret AS MATERIALIZED (
  SELECT key_id, last_used_at FROM api_key_secrets WHERE key_id IN (SELECT key_id FROM missing) ORDER BY digest FOR SHARE
), copied AS (
  INSERT INTO api_key_last_uses (key_id, organization_id, last_used_at)
    SELECT key_id, organization_id, coalesce(max(last_used_at), '-infinity') FROM missing LEFT JOIN secret USING (key_id)
    GROUP BY key_id, organization_id
    ON CONFLICT DO NOTHING
)
SELECT set_config('daytona_auth.last_copied', max(key_id), false) FROM missing HAVING count(*) > 0;
