CREATE TABLE "api_key_last_uses" (
	"key_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"last_used_at" timestamp with time zone DEFAULT '-infinity' NOT NULL,
	CONSTRAINT "api_key_last_uses_key_id_organization_id_pk" PRIMARY KEY("key_id","organization_id")
);
--> statement-breakpoint
ALTER TABLE "api_key_last_uses" ADD CONSTRAINT "api_key_last_uses_key_organization_fk" FOREIGN KEY ("key_id","organization_id") REFERENCES "public"."api_key_organizations"("key_id","organization_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "api_key_last_uses_order_idx" ON "api_key_last_uses" USING btree ("organization_id","last_used_at","key_id");