import type { AdapterPayload } from 'oidc-provider'

/**
 * Reduces a stored code or refresh token to the scopes that its grant and client still have. The library copies these
 * scopes into the access token, the id_token, the response and the next refresh token, so that all of them agree.
 * `undefined` if no scope is left.
 */
export function narrowArtifact(payload: AdapterPayload, scopes: ReadonlySet<string>): AdapterPayload | undefined {
  const scope = keep(payload.scope, scopes)
  return scope === '' ? undefined : { ...payload, scope }
}

/** Reduces the library's payload of a grant in the same way. */
export function narrowGrant(payload: AdapterPayload, scopes: ReadonlySet<string>): AdapterPayload {
  const { openid, resources } = payload as { openid?: { scope?: string }; resources?: Record<string, string> }
  return {
    ...payload,
    ...(openid && { openid: { ...openid, scope: keep(openid.scope, scopes) } }),
    ...(resources && {
      resources: Object.fromEntries(Object.entries(resources).map(([name, scope]) => [name, keep(scope, scopes)])),
    }),
  }
}

const keep = (scope: string | undefined, scopes: ReadonlySet<string>): string =>
  (scope ?? '')
    .split(' ')
    .filter((one) => scopes.has(one))
    .join(' ')
