-- concurrent indexes
CREATE INDEX "api_key_secrets_expiry_idx" ON "api_key_secrets" USING btree ("expires_at") WHERE expires_at IS NOT NULL;
--> statement-breakpoint
CREATE INDEX "api_keys_end_idx" ON "api_keys" USING btree (coalesce(revoked_at, expires_at, updated_at)) WHERE status <> 'active';
--> statement-breakpoint
CREATE INDEX "organization_invitations_end_idx" ON "organization_invitations" USING btree (greatest("updated_at", "expires_at"));
