-- Functions that run with the rights of their owner look names up in public only, and temporary objects come last: a
-- caller could otherwise put a table of its own before ours (PostgreSQL manual, CREATE FUNCTION, Writing SECURITY
-- DEFINER Functions Safely). The chain's head is moved by its owner, so that a server's role needs no right to write it.
ALTER FUNCTION ensure_audit_partitions(int) SET search_path = public, pg_temp;
--> statement-breakpoint
ALTER FUNCTION drop_audit_partition(text) SET search_path = public, pg_temp;
--> statement-breakpoint
ALTER FUNCTION chain_audit_event() SECURITY DEFINER;
--> statement-breakpoint
ALTER FUNCTION chain_audit_event() SET search_path = public, pg_temp;
--> statement-breakpoint
-- A head moves on by one event at a time and goes nowhere else, whatever trigger the statement is run from.
CREATE FUNCTION refuse_head_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.organization_id = OLD.organization_id AND NEW.sequence = OLD.sequence + 1 THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'DA004';
END $$;
--> statement-breakpoint
CREATE OR REPLACE TRIGGER refuse_head_change BEFORE UPDATE OR DELETE ON audit_chain_heads
  FOR EACH ROW EXECUTE FUNCTION refuse_head_change();
