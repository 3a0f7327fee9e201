ALTER TABLE "audit_anchors" ADD COLUMN "kept" jsonb DEFAULT '[]'::jsonb NOT NULL;
