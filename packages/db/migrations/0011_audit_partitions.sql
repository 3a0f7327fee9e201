-- As before, and what the default partition caught while no month was made for it moves into its month: a month that has
-- events there could not be made any more, nor ever dropped. Attached and not created in place, since that lets changes
-- go on; only readers that would hold the default one for long are not waited for, as every change waits behind us.
CREATE OR REPLACE FUNCTION ensure_audit_partitions(months_ahead int) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
  first timestamptz;
  partition text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('daytona_auth ensure_audit_partitions'));
  -- As an array: a query that is still read would keep the default partition from being altered.
  FOREACH first IN ARRAY ARRAY(
    SELECT date_trunc('month', now()) + make_interval(months => month) FROM generate_series(0, months_ahead) AS month
    UNION SELECT date_trunc('month', created_at) FROM audit_events_default
  ) LOOP
    partition := 'audit_events_' || to_char(first, 'YYYY_MM');
    CONTINUE WHEN to_regclass(partition) IS NOT NULL;
    EXECUTE format('CREATE TABLE %I (LIKE audit_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition);
    LOCK TABLE audit_events_default IN ACCESS EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM audit_events_default WHERE created_at >= first AND created_at < first + interval '1 month') THEN
      EXECUTE format('INSERT INTO %I SELECT * FROM audit_events_default WHERE created_at >= %L AND created_at < %L',
        partition, first, first + interval '1 month');
      ALTER TABLE audit_events_default DISABLE TRIGGER refuse_audit_change;
      DELETE FROM audit_events_default WHERE created_at >= first AND created_at < first + interval '1 month';
      ALTER TABLE audit_events_default ENABLE TRIGGER refuse_audit_change;
    END IF;
    EXECUTE format('ALTER TABLE audit_events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', partition, first, first + interval '1 month');
    EXECUTE format('CREATE TRIGGER refuse_audit_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()', partition);
  END LOOP;
END $$;
