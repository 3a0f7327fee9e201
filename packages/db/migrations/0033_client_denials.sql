CREATE TABLE "oidc_client_denials" (
	"client_id" text NOT NULL,
	"reason" text NOT NULL,
	"redirect_uri" text NOT NULL,
	"count" bigint NOT NULL,
	"first_at" timestamp with time zone NOT NULL,
	"last_at" timestamp with time zone NOT NULL,
	CONSTRAINT "oidc_client_denials_client_id_reason_redirect_uri_pk" PRIMARY KEY("client_id","reason","redirect_uri")
);
--> statement-breakpoint
ALTER TABLE "oidc_client_denials" ADD CONSTRAINT "oidc_client_denials_client_id_oidc_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."oidc_clients"("id") ON DELETE cascade ON UPDATE no action;