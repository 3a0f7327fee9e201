CREATE TABLE "client_registrations" (
	"client_id" text PRIMARY KEY NOT NULL,
	"initial_access_token_id" text,
	"document_expires_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "initial_access_tokens" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"digest" "bytea" NOT NULL,
	"hint" text NOT NULL,
	"uses" integer DEFAULT 0 NOT NULL,
	"max_uses" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "client_registrations" ADD CONSTRAINT "client_registrations_client_id_oidc_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."oidc_clients"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "client_registrations" ADD CONSTRAINT "client_registrations_token_fk" FOREIGN KEY ("initial_access_token_id") REFERENCES "public"."initial_access_tokens"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "client_registrations_age_idx" ON "client_registrations" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "client_registrations_token_idx" ON "client_registrations" USING btree ("initial_access_token_id") WHERE initial_access_token_id IS NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "initial_access_tokens_digest_key" ON "initial_access_tokens" USING btree ("digest");--> statement-breakpoint
CREATE INDEX "initial_access_tokens_expiry_idx" ON "initial_access_tokens" USING btree ("expires_at");