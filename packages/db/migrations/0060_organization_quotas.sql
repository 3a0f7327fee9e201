CREATE TABLE "organization_quotas" (
	"organization_id" text NOT NULL,
	"resource" text NOT NULL,
	"maximum" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "organization_quotas_organization_id_resource_pk" PRIMARY KEY("organization_id","resource"),
	CONSTRAINT "organization_quotas_maximum_check" CHECK (maximum >= 0)
);
--> statement-breakpoint
ALTER TABLE "organization_quotas" ADD CONSTRAINT "organization_quotas_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;