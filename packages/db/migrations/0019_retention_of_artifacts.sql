-- concurrent indexes
CREATE INDEX "oidc_artifacts_consumed_idx" ON "oidc_artifacts" USING btree ("consumed_at") WHERE consumed_at IS NOT NULL;
--> statement-breakpoint
CREATE INDEX "api_key_usage_hour_idx" ON "api_key_usage" USING btree ("hour");
