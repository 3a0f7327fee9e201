-- concurrent indexes
CREATE INDEX "users_unverified_idx" ON "users" USING btree ("created_at") WHERE NOT email_verified AND disabled_at IS NULL;