-- Locks what a caller's authority comes from until the transaction ends, so that a write and a revocation come one after
-- the other. The order is the same for everybody: organizations, user, memberships and roles, key with those that it was
-- made with, grant. `use` takes share locks; `manage` takes the user and the credential exclusively, since a share lock
-- that is upgraded later deadlocks with another one; `administer` takes the organizations exclusively, too.
-- Without `p_organizations` all memberships of the user count.
CREATE FUNCTION lock_authority(p_scope text, p_organizations text[], p_user text, p_key text, p_grant text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_organizations text[] := p_organizations;
  v_lineage text[];
  v_grants text[];
BEGIN
  IF v_organizations IS NULL THEN
    SELECT coalesce(array_agg(organization_id), '{}') INTO v_organizations
      FROM organization_members WHERE user_id = p_user;
  END IF;
  IF p_scope = 'administer' THEN
    PERFORM FROM organizations WHERE id = ANY (v_organizations) ORDER BY id FOR NO KEY UPDATE;
  ELSE
    PERFORM FROM organizations WHERE id = ANY (v_organizations) ORDER BY id FOR KEY SHARE;
  END IF;
  IF p_scope = 'use' THEN
    PERFORM FROM users WHERE id = p_user FOR SHARE;
  ELSE
    PERFORM FROM users WHERE id = p_user FOR NO KEY UPDATE;
  END IF;
  PERFORM FROM organization_members
    WHERE user_id = p_user AND organization_id = ANY (v_organizations) ORDER BY organization_id FOR SHARE;
  -- Built-in roles are everybody's: their rows are not locked, and only a migration changes them.
  PERFORM FROM member_roles assigned JOIN roles ON roles.id = assigned.role_id
    WHERE assigned.user_id = p_user AND assigned.organization_id = ANY (v_organizations)
      AND roles.organization_id IS NOT NULL
    ORDER BY assigned.organization_id, roles.id FOR SHARE OF assigned, roles;
  IF p_key IS NOT NULL THEN
    WITH RECURSIVE lineage AS (
      SELECT id, parent_key_id, parent_grant_id FROM api_keys WHERE id = p_key
      UNION SELECT parent.id, parent.parent_key_id, parent.parent_grant_id
      FROM api_keys parent JOIN lineage ON parent.id = lineage.parent_key_id
    ) SELECT array_agg(id), array_agg(parent_grant_id) INTO v_lineage, v_grants FROM lineage;
    -- Whoever revokes takes a key before its children, and a key is older than its children: their ids sort like that.
    PERFORM FROM api_keys WHERE id = ANY (v_lineage) AND (p_scope = 'use' OR id <> p_key) ORDER BY id FOR SHARE;
    IF p_scope <> 'use' THEN
      PERFORM FROM api_keys WHERE id = p_key FOR NO KEY UPDATE;
    END IF;
    PERFORM FROM api_key_organizations
      WHERE key_id = ANY (v_lineage) AND organization_id = ANY (v_organizations)
      ORDER BY key_id, organization_id FOR KEY SHARE;
    PERFORM FROM grants WHERE id = ANY (v_grants) ORDER BY id FOR SHARE;
  END IF;
  IF p_grant IS NOT NULL THEN
    IF p_scope = 'use' THEN
      PERFORM FROM grants WHERE id = p_grant FOR SHARE;
    ELSE
      PERFORM FROM grants WHERE id = p_grant FOR NO KEY UPDATE;
    END IF;
  END IF;
END $$;
