CREATE TABLE "removed_members" (
	"organization_id" text NOT NULL,
	"user_id" text NOT NULL,
	"email_digest" "bytea" NOT NULL,
	"removed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "removed_members_organization_id_user_id_pk" PRIMARY KEY("organization_id","user_id")
);
--> statement-breakpoint
ALTER TABLE "identity_providers" ADD COLUMN "new_member_role_ids" text[];--> statement-breakpoint
ALTER TABLE "identity_providers" ADD COLUMN "groups_claim" text;--> statement-breakpoint
ALTER TABLE "identity_providers" ADD COLUMN "group_roles" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "member_roles" ADD COLUMN "by_hand" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "member_roles" ADD COLUMN "by_groups" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "removed_members" ADD CONSTRAINT "removed_members_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "removed_members_email_idx" ON "removed_members" USING btree ("organization_id","email_digest");