-- SQLSTATE DA007: a quota of an organization is reached.

-- Counts what a quota limits, at most `p_most` rows (null: all). Each call reads what is committed at that time: VOLATILE.
CREATE FUNCTION count_toward_quota(p_resource text, p_organization text, p_most bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN CASE p_resource
    WHEN 'api_keys' THEN (SELECT count(*) FROM (SELECT FROM api_key_organizations WHERE organization_id = p_organization AND active AND (expires_at IS NULL OR expires_at > now()) LIMIT p_most) counted)
    WHEN 'members' THEN (SELECT count(*) FROM (SELECT FROM organization_members WHERE organization_id = p_organization LIMIT p_most) counted)
    WHEN 'roles' THEN (SELECT count(*) FROM (SELECT FROM roles WHERE organization_id = p_organization LIMIT p_most) counted)
    WHEN 'invitations' THEN (SELECT count(*) FROM (SELECT FROM organization_invitations WHERE organization_id = p_organization AND status = 'pending' LIMIT p_most) counted)
    WHEN 'oauth_apps' THEN (SELECT count(*) FROM (SELECT FROM oidc_clients WHERE organization_id = p_organization LIMIT p_most) counted)
    WHEN 'resource_servers' THEN (SELECT count(*) FROM (SELECT FROM resource_servers WHERE organization_id = p_organization LIMIT p_most) counted)
    WHEN 'sandboxes' THEN (SELECT count(*) FROM (SELECT FROM sandboxes WHERE organization_id = p_organization LIMIT p_most) counted)
    WHEN 'snapshots' THEN (SELECT count(*) FROM (SELECT FROM snapshots WHERE organization_id = p_organization LIMIT p_most) counted)
    WHEN 'volumes' THEN (SELECT count(*) FROM (SELECT FROM volumes WHERE organization_id = p_organization AND deleted_at IS NULL LIMIT p_most) counted)
    WHEN 'registries' THEN (SELECT count(*) FROM (SELECT FROM registries WHERE organization_id = p_organization LIMIT p_most) counted)
  END;
END $$;
--> statement-breakpoint
-- Refuses an insertion that exceeds a quota. It locks the quota, so that transactions that insert for one organization wait for
-- each other and count what the others have committed; in the order of organizations, so that they never wait in a circle.
-- An organization without a quota costs one look-up. Runs as the owner: a row lock needs UPDATE, and no server may set quotas.
CREATE FUNCTION check_quota() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  quota record;
BEGIN
  FOR quota IN
    SELECT organization_id, maximum FROM organization_quotas
    WHERE resource = TG_ARGV[0] AND organization_id IN (SELECT inserted.organization_id FROM inserted)
    ORDER BY organization_id FOR UPDATE
  LOOP
    IF count_toward_quota(TG_ARGV[0], quota.organization_id, quota.maximum + 1::bigint) > quota.maximum THEN
      RAISE EXCEPTION 'the quota of % is reached', TG_ARGV[0]
        USING ERRCODE = 'DA007', DETAIL = format('%s %s', TG_ARGV[0], quota.maximum);
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER check_quota AFTER INSERT ON api_key_organizations REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION check_quota('api_keys');--> statement-breakpoint
CREATE TRIGGER check_quota AFTER INSERT ON organization_members REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION check_quota('members');--> statement-breakpoint
CREATE TRIGGER check_quota AFTER INSERT ON roles REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION check_quota('roles');--> statement-breakpoint
CREATE TRIGGER check_quota AFTER INSERT ON organization_invitations REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION check_quota('invitations');--> statement-breakpoint
CREATE TRIGGER check_quota AFTER INSERT ON oidc_clients REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION check_quota('oauth_apps');--> statement-breakpoint
CREATE TRIGGER check_quota AFTER INSERT ON resource_servers REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION check_quota('resource_servers');--> statement-breakpoint
CREATE TRIGGER check_quota AFTER INSERT ON sandboxes REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION check_quota('sandboxes');--> statement-breakpoint
CREATE TRIGGER check_quota AFTER INSERT ON snapshots REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION check_quota('snapshots');--> statement-breakpoint
CREATE TRIGGER check_quota AFTER INSERT ON volumes REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION check_quota('volumes');--> statement-breakpoint
CREATE TRIGGER check_quota AFTER INSERT ON registries REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION check_quota('registries');
--> statement-breakpoint
CREATE TRIGGER refuse_without_reserve BEFORE INSERT ON organization_quotas
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_without_reserve();
