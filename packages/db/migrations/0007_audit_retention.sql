-- Retention of the audit trail: a month goes only when signed anchors say where its chains stood.

CREATE TRIGGER refuse_anchor_change BEFORE UPDATE OR DELETE ON audit_anchors
  FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
--> statement-breakpoint
CREATE TRIGGER refuse_anchor_truncate BEFORE TRUNCATE ON audit_anchors
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
--> statement-breakpoint
-- Drops a month that is over, with the rights of the owner of the tables. Refuses where an organization's last event in
-- it is not the one that its anchor names: one that came in after the anchors were made, too.
CREATE FUNCTION drop_audit_partition(month text) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT SET timezone = 'UTC' AS $$
DECLARE
  unanchored text;
BEGIN
  IF month !~ '^audit_events_\d{4}_\d{2}$'
    OR to_timestamp(right(month, 7), 'YYYY_MM') >= date_trunc('month', now())
    OR NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = 'audit_events'::regclass AND inhrelid = to_regclass(month))
  THEN
    RAISE EXCEPTION '% is no month of the audit trail that is over', month USING ERRCODE = 'DA004';
  END IF;
  EXECUTE format('LOCK TABLE %I IN SHARE MODE', month);
  EXECUTE format('SELECT organization_id FROM (
      SELECT DISTINCT ON (organization_id) organization_id, sequence, hash FROM %I ORDER BY organization_id, sequence DESC
    ) last WHERE NOT EXISTS (
      SELECT FROM audit_anchors anchor WHERE anchor.organization_id = last.organization_id
        AND anchor.sequence = last.sequence AND anchor.hash = last.hash AND anchor.dropped_partition = %L
    ) LIMIT 1', month, month) INTO unanchored;
  IF unanchored IS NOT NULL THEN
    RAISE EXCEPTION 'the chain of % has no anchor for %', unanchored, month USING ERRCODE = 'DA004';
  END IF;
  EXECUTE format('DROP TABLE %I', month);
END $$;
