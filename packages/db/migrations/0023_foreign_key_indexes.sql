-- concurrent indexes
CREATE INDEX "invitation_roles_role_idx" ON "invitation_roles" USING btree ("role_id");--> statement-breakpoint
CREATE INDEX "oidc_artifacts_client_idx" ON "oidc_artifacts" USING btree ("client_id") WHERE client_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX "oidc_clients_created_by_idx" ON "oidc_clients" USING btree ("created_by") WHERE created_by IS NOT NULL;--> statement-breakpoint
CREATE INDEX "organization_invitations_invited_by_idx" ON "organization_invitations" USING btree ("invited_by");--> statement-breakpoint
CREATE INDEX "organizations_created_by_idx" ON "organizations" USING btree ("created_by");