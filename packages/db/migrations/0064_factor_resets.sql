CREATE TABLE "factor_reset_links" (
	"digest" "bytea" PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "factor_resets" (
	"user_id" text PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"stage" text DEFAULT 'requested' NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"due_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "factor_reset_links" ADD CONSTRAINT "factor_reset_links_user_id_factor_resets_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."factor_resets"("user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "factor_resets" ADD CONSTRAINT "factor_resets_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "factor_reset_links_user_idx" ON "factor_reset_links" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "factor_resets_due_idx" ON "factor_resets" USING btree ("due_at");--> statement-breakpoint
-- Starting a removal can wait for space; cancelling one only deletes.
CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON factor_resets
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_without_reserve();--> statement-breakpoint
CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON factor_reset_links
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_without_reserve();
