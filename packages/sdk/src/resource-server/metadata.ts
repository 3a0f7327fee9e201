/** The metadata of a protected API (RFC 9728), and where its clients look for it. */
export interface ResourceMetadata {
  readonly url: string
  /** Path of the URL, with a query if the identifier has one. */
  readonly path: string
  readonly document: ResourceMetadataDocument
}

export interface ResourceMetadataDocument {
  readonly resource: string
  readonly authorization_servers: readonly string[]
  readonly scopes_supported: readonly string[]
  readonly bearer_methods_supported: readonly ['header']
}

/** RFC 6749 section 3.3. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/**
 * Creates the metadata of an API that is registered with the identifier `audience` (RFC 9728 section 3.1: the well-known path
 * comes between host and path).
 * @throws TypeError for an audience that is not an http or https URL, and for texts that are not scopes
 */
export function createResourceMetadata({
  issuer,
  audience,
  scopes,
}: {
  readonly issuer: string
  readonly audience: string
  readonly scopes: readonly string[]
}): ResourceMetadata {
  const url = URL.canParse(audience) ? new URL(audience) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || /["\\\s#]/.test(audience)) {
    throw new TypeError('audience is not the identifier of a resource server, which is a URL')
  }
  if (!Array.isArray(scopes) || scopes.some((scope) => typeof scope !== 'string' || !SCOPE_TOKEN.test(scope))) {
    throw new TypeError('scopes must be a list of scopes, such as invoices:read')
  }
  const path = `/.well-known/oauth-protected-resource${url.pathname === '/' ? '' : url.pathname}${url.search}`
  return {
    url: url.origin + path,
    path,
    document: {
      resource: audience,
      authorization_servers: [issuer],
      scopes_supported: [...scopes],
      bearer_methods_supported: ['header'],
    },
  }
}
