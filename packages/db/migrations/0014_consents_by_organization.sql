CREATE TABLE "consent_organizations" (
	"user_id" text NOT NULL,
	"client_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"scopes" text[] NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "consent_organizations_user_id_client_id_organization_id_pk" PRIMARY KEY("user_id","client_id","organization_id")
);
--> statement-breakpoint
ALTER TABLE "consent_organizations" ADD CONSTRAINT "consent_organizations_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consent_organizations" ADD CONSTRAINT "consent_organizations_consent_fk" FOREIGN KEY ("user_id","client_id") REFERENCES "public"."consents"("user_id","client_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "consent_organizations_organization_idx" ON "consent_organizations" USING btree ("organization_id");--> statement-breakpoint
CREATE INDEX "consent_organizations_client_idx" ON "consent_organizations" USING btree ("client_id");--> statement-breakpoint
-- Until now a later answer added its scopes to the row and replaced its organizations, so that a row of several answers
-- does not tell which scope was agreed to where. A row of a single answer does: it is split exactly. From the others
-- only the identity scopes stay, and permissions are asked for again.
INSERT INTO consent_organizations (user_id, client_id, organization_id, scopes)
SELECT consents.user_id, consents.client_id, member.organization_id, permissions.scopes
FROM consents
JOIN oidc_clients client ON client.id = consents.client_id AND NOT client.first_party
JOIN organization_members member
  ON member.user_id = consents.user_id AND member.organization_id = ANY (consents.organization_ids)
CROSS JOIN LATERAL (
  SELECT array_agg(DISTINCT scope ORDER BY scope) AS scopes FROM unnest(consents.scopes) scope WHERE scope LIKE '%:%'
) AS permissions
WHERE consents.updated_at = consents.created_at AND permissions.scopes IS NOT NULL;--> statement-breakpoint
UPDATE consents SET scopes = ARRAY(SELECT scope FROM unnest(scopes) scope WHERE scope NOT LIKE '%:%')
WHERE NOT EXISTS (SELECT FROM oidc_clients client WHERE client.id = client_id AND client.first_party);--> statement-breakpoint
ALTER TABLE "consents" DROP COLUMN "organization_ids";