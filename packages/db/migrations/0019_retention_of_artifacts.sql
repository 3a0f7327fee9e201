-- A file of its own, so that sign-ins wait for no other index than this one.
CREATE INDEX "oidc_artifacts_consumed_idx" ON "oidc_artifacts" USING btree ("consumed_at") WHERE consumed_at IS NOT NULL;
