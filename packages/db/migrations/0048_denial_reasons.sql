ALTER TABLE "api_key_secrets" ADD COLUMN "last_used_route" text;--> statement-breakpoint
ALTER TABLE "api_key_secrets" ADD COLUMN "last_denied_ip" text;--> statement-breakpoint
ALTER TABLE "api_key_usage" ADD COLUMN "denied_by" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "api_key_usage_days" ADD COLUMN "denied_by" jsonb DEFAULT '{}'::jsonb NOT NULL;