-- concurrent indexes
ALTER TABLE "audit_events" DROP CONSTRAINT "audit_events_created_at_id_pk", ADD CONSTRAINT "audit_events_id_created_at_pk" PRIMARY KEY("id","created_at");
--> statement-breakpoint
CREATE INDEX "audit_events_key_prefix_idx" ON "audit_events" USING btree ("organization_id","actor_api_key_prefix","created_at" DESC NULLS FIRST) WHERE "audit_events"."actor_api_key_prefix" is not null;
--> statement-breakpoint
CREATE INDEX "audit_events_key_suffix_idx" ON "audit_events" USING btree ("organization_id","actor_api_key_suffix","created_at" DESC NULLS FIRST) WHERE "audit_events"."actor_api_key_suffix" is not null;
