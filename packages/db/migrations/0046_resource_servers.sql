CREATE TABLE "resource_servers" (
	"id" text PRIMARY KEY NOT NULL,
	"organization_id" text NOT NULL,
	"identifier" text NOT NULL,
	"name" text NOT NULL,
	"scopes" jsonb NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"created_by" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "grants" ADD COLUMN "resource_server_id" text;--> statement-breakpoint
ALTER TABLE "grants" ADD COLUMN "resource_scopes" text[];--> statement-breakpoint
ALTER TABLE "resource_servers" ADD CONSTRAINT "resource_servers_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "resource_servers" ADD CONSTRAINT "resource_servers_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "resource_servers_identifier_key" ON "resource_servers" USING btree ("identifier");--> statement-breakpoint
CREATE INDEX "resource_servers_organization_idx" ON "resource_servers" USING btree ("organization_id","created_at" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "resource_servers_created_by_idx" ON "resource_servers" USING btree ("created_by") WHERE created_by IS NOT NULL;