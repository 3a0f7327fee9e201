-- concurrent indexes
CREATE INDEX "api_key_organizations_lower_name_idx" ON "api_key_organizations" USING btree ("organization_id",lower(name),"key_id") WHERE active;--> statement-breakpoint
CREATE INDEX "api_key_organizations_expiry_idx" ON "api_key_organizations" USING btree ("organization_id",coalesce(expires_at, 'infinity'),"key_id") WHERE active;--> statement-breakpoint
CREATE INDEX "api_key_organizations_administration_idx" ON "api_key_organizations" USING btree ("organization_id","key_id") WHERE active AND permissions @> ARRAY['admin:organization'];--> statement-breakpoint
CREATE INDEX "api_key_secrets_last_characters_idx" ON "api_key_secrets" USING btree (right(hint, 4));