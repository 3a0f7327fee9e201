-- concurrent indexes
CREATE UNIQUE INDEX "organization_invitations_pending_key" ON "organization_invitations" USING btree ("organization_id",lower("email")) WHERE status = 'pending';
--> statement-breakpoint
CREATE INDEX "audit_events_action_idx" ON "audit_events" USING btree ("organization_id","action","created_at" DESC NULLS FIRST);
--> statement-breakpoint
CREATE INDEX "audit_events_email_idx" ON "audit_events" USING btree ("organization_id","actor_email","created_at" DESC NULLS FIRST);
--> statement-breakpoint
CREATE INDEX "audit_events_type_idx" ON "audit_events" USING btree ("organization_id","target_type","created_at" DESC NULLS FIRST);
--> statement-breakpoint
CREATE INDEX "audit_events_status_idx" ON "audit_events" USING btree ("organization_id","status_code","created_at" DESC NULLS FIRST);
