ALTER TABLE "api_key_secrets" ADD COLUMN "last_denied_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "api_key_secrets" ADD COLUMN "last_denial_reason" text;