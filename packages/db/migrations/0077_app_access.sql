CREATE TYPE "public"."app_access_policy" AS ENUM('any', 'verified_domains', 'by_approval');--> statement-breakpoint
CREATE TYPE "public"."app_decision" AS ENUM('approved', 'blocked');--> statement-breakpoint
CREATE TABLE "app_decisions" (
	"organization_id" text NOT NULL,
	"client_id" text NOT NULL,
	"decision" "app_decision" NOT NULL,
	"decided_by" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "app_decisions_organization_id_client_id_pk" PRIMARY KEY("organization_id","client_id")
);
--> statement-breakpoint
CREATE TABLE "app_requests" (
	"organization_id" text NOT NULL,
	"user_id" text NOT NULL,
	"client_id" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "app_requests_organization_id_user_id_client_id_pk" PRIMARY KEY("organization_id","user_id","client_id")
);
--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "app_access" "app_access_policy" DEFAULT 'any' NOT NULL;--> statement-breakpoint
ALTER TABLE "app_decisions" ADD CONSTRAINT "app_decisions_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "app_decisions" ADD CONSTRAINT "app_decisions_client_id_oidc_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."oidc_clients"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "app_decisions" ADD CONSTRAINT "app_decisions_decided_by_users_id_fk" FOREIGN KEY ("decided_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "app_requests" ADD CONSTRAINT "app_requests_client_id_oidc_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."oidc_clients"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "app_requests" ADD CONSTRAINT "app_requests_member_fk" FOREIGN KEY ("organization_id","user_id") REFERENCES "public"."organization_members"("organization_id","user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "app_decisions_client_idx" ON "app_decisions" USING btree ("client_id");--> statement-breakpoint
CREATE INDEX "app_decisions_decided_by_idx" ON "app_decisions" USING btree ("decided_by") WHERE decided_by IS NOT NULL;--> statement-breakpoint
CREATE INDEX "app_requests_client_idx" ON "app_requests" USING btree ("client_id");--> statement-breakpoint
CREATE INDEX "app_requests_expiry_idx" ON "app_requests" USING btree ("expires_at");