CREATE TABLE "api_key_usage_days" (
	"key_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"day" timestamp with time zone NOT NULL,
	"allowed" bigint DEFAULT 0 NOT NULL,
	"denied" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "api_key_usage_days_key_id_organization_id_day_pk" PRIMARY KEY("key_id","organization_id","day")
);
--> statement-breakpoint
ALTER TABLE "api_key_usage_days" ADD CONSTRAINT "api_key_usage_days_key_id_api_keys_id_fk" FOREIGN KEY ("key_id") REFERENCES "public"."api_keys"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "api_key_usage_days" ADD CONSTRAINT "api_key_usage_days_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "api_key_usage_days_organization_idx" ON "api_key_usage_days" USING btree ("organization_id","day");
--> statement-breakpoint
CREATE INDEX "api_key_usage_days_day_idx" ON "api_key_usage_days" USING btree ("day");
