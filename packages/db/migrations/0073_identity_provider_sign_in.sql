ALTER TABLE "identity_providers" ADD COLUMN "sign_in" text DEFAULT 'optional' NOT NULL;--> statement-breakpoint
-- Every row has the default. NOT VALID: it holds for what is written, and nothing is read under the lock.
ALTER TABLE "identity_providers" ADD CONSTRAINT "identity_providers_sign_in_check" CHECK (sign_in IN ('optional', 'required')) NOT VALID;