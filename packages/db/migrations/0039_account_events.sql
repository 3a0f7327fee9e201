-- A page of the events of one person's own account, newest first. The provider shows a person this history, and its role
-- may read nothing else of the trail. They are in the trail of the personal organization, among those of its resources.
CREATE FUNCTION list_account_events(p_user text, p_before timestamptz, p_before_id text, p_limit int)
RETURNS TABLE (id text, action text, status_code int, ip_address text, user_agent text, client_id text, at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT trail.id, trail.action, trail.status_code, trail.ip_address, trail.user_agent,
    CASE trail.target_type WHEN 'oauth_app' THEN trail.target_id ELSE trail.metadata ->> 'clientId' END, trail.created_at
  FROM audit_events trail
  WHERE trail.organization_id = (SELECT own.id FROM organizations own WHERE own.created_by = p_user AND own.personal)
    -- As the predicate of the index audit_events_account_idx.
    AND trail.target_type IN ('user', 'session', 'oauth_app', 'grant')
    -- A grant that ended with another event of the history is not repeated.
    AND NOT (trail.action = 'grant.revoke' AND trail.metadata ? 'endedBy')
    -- The first condition follows from the second, but a row comparison does not prune partitions.
    AND trail.created_at <= p_before AND (trail.created_at, trail.id) < (p_before, p_before_id)
  ORDER BY trail.created_at DESC, trail.id DESC LIMIT least(p_limit, 101)
$$;
