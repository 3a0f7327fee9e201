-- concurrent indexes
CREATE INDEX "api_key_organizations_organization_idx" ON "api_key_organizations" USING btree ("organization_id","key_id");
--> statement-breakpoint
CREATE INDEX "api_key_organizations_active_idx" ON "api_key_organizations" USING btree ("organization_id","key_id") WHERE active;
--> statement-breakpoint
CREATE INDEX "organization_invitations_open_idx" ON "organization_invitations" USING btree ("organization_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE status = 'pending';
--> statement-breakpoint
CREATE INDEX "organization_members_organization_idx" ON "organization_members" USING btree ("organization_id","created_at","user_id");
--> statement-breakpoint
CREATE INDEX "registries_organization_idx" ON "registries" USING btree ("organization_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);
