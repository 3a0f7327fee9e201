/** The host of an https URI in lower case. It matches no URI that a browser could read otherwise. */
const HOST = '^https://([a-z0-9.-]+)(?::[0-9]+)?(?:[/?#]|$)'

/**
 * Returns the SQL condition under which an organization allows a client, for the aliases of their rows. Rows that are missing
 * deny.
 *
 * - The operator's first-party apps and the organization's own apps are always allowed.
 * - Otherwise its decision about the app counts, and without one its policy.
 * - `verified_domains`: the app belongs to an organization that has proved by DNS that it owns the host of every redirect URI,
 *   which receive the codes, and of the homepage, which people see. A native app is not covered, because any program can
 *   present its client id: on a loopback address, with a private-use scheme, or with a device code. Neither is an app without
 *   a redirect URI, nor one with a URI that is not https.
 */
export const isAppAllowed = (
  o = 'o',
  c = 'c',
) => `(${c}.first_party OR coalesce(${c}.organization_id = ${o}.id, false) OR coalesce(
  (SELECT made.decision = 'approved' FROM app_decisions made WHERE made.organization_id = ${o}.id AND made.client_id = ${c}.id),
  CASE ${o}.app_access WHEN 'any' THEN true
    WHEN 'verified_domains' THEN ${c}.type <> 'native' AND cardinality(${c}.redirect_uris) > 0 AND NOT EXISTS (
      SELECT FROM unnest(array_append(${c}.redirect_uris, coalesce(${c}.homepage_uri, ${c}.redirect_uris[1]))) uri
      WHERE NOT EXISTS (
        SELECT FROM organization_domains owned
        WHERE owned.organization_id = ${c}.organization_id AND owned.verified_at IS NOT NULL
          AND right('.' || substring(lower(uri) FROM '${HOST}'), length(owned.domain) + 1) = '.' || owned.domain))
    ELSE false END))`
