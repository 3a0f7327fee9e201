-- The audit trail: append-only, chained per organization, partitioned by month. SQLSTATE DA004: it would be changed.

-- What an event says, in a form that neither the session's time zone nor a column added later changes.
CREATE FUNCTION audit_event_hash(previous bytea, event jsonb) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT sha256(previous || convert_to(jsonb_strip_nulls(event - 'hash' - 'previous_hash')::text, 'UTF8'))
$$;
--> statement-breakpoint
-- Takes the head of the organization's chain, the last lock of its transaction, and moves it on by this event.
CREATE FUNCTION chain_audit_event() RETURNS trigger LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
  head audit_chain_heads;
BEGIN
  INSERT INTO audit_chain_heads (organization_id, sequence, hash) VALUES (NEW.organization_id, 0, '') ON CONFLICT DO NOTHING;
  SELECT * INTO head FROM audit_chain_heads WHERE organization_id = NEW.organization_id FOR UPDATE;
  NEW.sequence := head.sequence + 1;
  NEW.previous_hash := head.hash;
  NEW.hash := audit_event_hash(NEW.previous_hash, to_jsonb(NEW));
  UPDATE audit_chain_heads SET sequence = NEW.sequence, hash = NEW.hash WHERE organization_id = NEW.organization_id;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER chain_audit_event BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION chain_audit_event();
--> statement-breakpoint
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'DA004';
END $$;
--> statement-breakpoint
CREATE TRIGGER refuse_audit_change BEFORE UPDATE OR DELETE ON audit_events
  FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
--> statement-breakpoint
CREATE TRIGGER refuse_audit_truncate BEFORE TRUNCATE ON audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
--> statement-breakpoint
-- Heads move by the trigger above (then this one is at depth 2) and not by hand.
CREATE TRIGGER refuse_head_change BEFORE UPDATE OR DELETE ON audit_chain_heads
  FOR EACH ROW WHEN (pg_trigger_depth() < 1) EXECUTE FUNCTION refuse_audit_change();
--> statement-breakpoint
CREATE TRIGGER refuse_head_truncate BEFORE TRUNCATE ON audit_chain_heads
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
--> statement-breakpoint
-- Makes the partitions of this month and the given number of months after it. The sweeper calls it too, with the
-- rights of the owner of the tables.
CREATE FUNCTION ensure_audit_partitions(months_ahead int) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT SET timezone = 'UTC' AS $$
DECLARE
  first timestamptz;
  partition text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('daytona_auth ensure_audit_partitions'));
  FOR month IN 0..months_ahead LOOP
    first := date_trunc('month', now()) + make_interval(months => month);
    partition := 'audit_events_' || to_char(first, 'YYYY_MM');
    CONTINUE WHEN to_regclass(partition) IS NOT NULL;
    EXECUTE format('CREATE TABLE %I PARTITION OF audit_events FOR VALUES FROM (%L) TO (%L)', partition, first, first + interval '1 month');
    EXECUTE format('CREATE TRIGGER refuse_audit_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()', partition);
  END LOOP;
END $$;
--> statement-breakpoint
-- Catches what no month was made for: a late sweeper must not stop a change from being told.
CREATE TABLE audit_events_default PARTITION OF audit_events DEFAULT;
--> statement-breakpoint
CREATE TRIGGER refuse_audit_truncate BEFORE TRUNCATE ON audit_events_default
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
--> statement-breakpoint
SELECT ensure_audit_partitions(3);
