import {
  isMetadataFault,
  readClientMetadata,
  type SelfRegistration,
  selfRegisteredScopes,
} from '@daytona-auth/accounts/client-metadata'
import { type AuditEntry, auditEntry, DEPLOYMENT, inAudit, systemAuthority } from '@daytona-auth/db/audit'
import { type DocumentClient, findOidcClient, type OidcClientRow, saveDocumentClient } from '@daytona-auth/db/clients'
import type { Database } from '@daytona-auth/db/core'
import { createPublicFetch, networkOf } from '@daytona-auth/service'
import type { FastifyBaseLogger } from 'fastify'
import { LRUCache } from 'lru-cache'
import type { ProviderConfig } from '../../config.ts'
import { createNamedAttemptLimits, type ShareAttempts } from '../../limits/shared-attempts.ts'
import { TooManyUnknown } from '../../limits/unknown-look-ups.ts'

export interface ClientDocumentOptions {
  readonly database: Database
  readonly config: Pick<
    ProviderConfig,
    | 'BRAND_NAME'
    | 'ISSUER'
    | 'CLIENT_ID_METADATA_DOCUMENTS'
    | 'SELF_REGISTERED_SCOPES'
    | 'REGISTRATIONS_ADDRESS_LIMIT'
    | 'REGISTERED_CLIENTS_LIMIT'
    | 'FAILED_SIGN_INS_WINDOW'
    | 'OUTBOUND_NETWORKS'
  >
  readonly logger: Pick<FastifyBaseLogger, 'info'>
  /** Without it, each process counts separately. */
  readonly share?: ShareAttempts | undefined
  readonly now: () => number
}

export interface ClientDocuments {
  /** Whether a client id may be the URL of a document, and documents are read. */
  isUrl(id: string): boolean
  /**
   * Returns the client whose id is the URL of a document, as of a recent look at the document; `undefined` if it cannot be read.
   * @throws TooManyUnknown if the address named too many new documents
   */
  read(url: string, known: OidcClientRow | undefined, address: string): Promise<OidcClientRow | undefined>
}

const MAX_URL_CHARS = 255
/** As the drafts recommend. */
const MAX_BYTES = 5 * 1024
const TIMEOUT_MS = 2000
/** How long a document is used before it is fetched again: what its headers say, within these bounds. */
const MIN_AGE_SECONDS = 60
const DEFAULT_AGE_SECONDS = 300
const MAX_AGE_SECONDS = 3600
/** How long a URL that failed is not fetched again, so that no one can make us flood a server. */
const FAILED_MS = 30_000
const FAILED = 1000
/** Documents that are fetched at the same time. */
const MAX_IN_FLIGHT = 20

/** The owner of the URL publishes the metadata; no credential of a user is involved. */
const DOCUMENT = systemAuthority('metadata document of a client')

/**
 * Reads Client ID Metadata Documents (draft-ietf-oauth-client-id-metadata-document): the id of a client is the https URL of a
 * document that describes it. Our own reader instead of the library's, because grants and consents refer to rows of clients: a
 * document becomes such a row. Documents come from public addresses only, without redirects.
 */
export function createClientDocuments({
  database,
  config,
  logger,
  share,
  now,
}: ClientDocumentOptions): ClientDocuments {
  const fetchPublic = createPublicFetch({
    allowedNetworks: config.OUTBOUND_NETWORKS,
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_BYTES,
  })
  const attempts = createNamedAttemptLimits({ windowMs: config.FAILED_SIGN_INS_WINDOW, now, share })(
    'client-documents-address',
    config.REGISTRATIONS_ADDRESS_LIMIT,
  )
  const scopes = selfRegisteredScopes(config.SELF_REGISTERED_SCOPES)
  const failed = new LRUCache<string, true>({ max: FAILED, ttl: FAILED_MS })
  const inFlight = new Map<string, Promise<OidcClientRow | undefined>>()
  const ownOrigin = new URL(config.ISSUER).origin

  /** @throws Error if the document cannot be used */
  async function fetchDocument(url: string): Promise<DocumentClient> {
    const response = await fetchPublic(url, { accept: 'application/json' })
    if (response.status !== 200) throw new Error(`document was answered with the status ${response.status}`)
    const type = response.headers.get('content-type') ?? ''
    if (!/^application\/(?:[\w.+-]+\+)?json(?:\s*;|$)/i.test(type)) throw new Error('document is not JSON')
    const metadata: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await response.arrayBuffer()))
    if (typeof metadata !== 'object' || metadata === null) throw new Error('document is no object')
    // Otherwise one document would describe every client of a server that answers any path.
    if (!('client_id' in metadata) || metadata.client_id !== url) throw new Error('client_id is not the URL')
    const found = readClientMetadata(metadata, { scopes, isDocument: true, brand: config.BRAND_NAME })
    if (isMetadataFault(found)) throw new Error(`${found.error}: ${found.description}`)
    const expiresAt = new Date(now() + maxAgeOf(response) * 1000)
    return { ...rowOf(found), id: url, expiresAt }
  }

  async function load(url: string): Promise<OidcClientRow | undefined> {
    const document = await fetchDocument(url)
    await inAudit<Awaited<ReturnType<typeof saveDocumentClient>>>(
      database,
      DOCUMENT,
      (saved) => entriesOf(document, saved),
      (tx) => saveDocumentClient(tx, document, config.REGISTERED_CLIENTS_LIMIT),
    )
    return findOidcClient(database, url)
  }

  return {
    isUrl: (id) => config.CLIENT_ID_METADATA_DOCUMENTS && isDocumentUrl(id) && new URL(id).origin !== ownOrigin,
    async read(url, known, address) {
      const expiresAt = known?.registration?.documentExpiresAt
      if (known && expiresAt && expiresAt.getTime() > now()) return known
      if (failed.has(url)) return undefined
      const running = inFlight.get(url)
      if (running) return running
      if (inFlight.size >= MAX_IN_FLIGHT) throw new TooManyUnknown()
      const loading = (async () => {
        if (!known && (await attempts.take(networkOf(address))) !== undefined) throw new TooManyUnknown()
        return load(url).catch((error: unknown) => {
          failed.set(url, true)
          logger.info({ clientId: url, err: error }, 'metadata document of a client was not used')
          return undefined
        })
      })()
      inFlight.set(url, loading)
      try {
        return await loading
      } finally {
        inFlight.delete(url)
      }
    },
  }
}

/**
 * Whether a client id is the URL of a document: https, with a path, in the one spelling that URL parsers write, and without
 * fragment, user, password and segments such as `..` (section 3 of the draft).
 */
export function isDocumentUrl(id: string): boolean {
  if (id.length > MAX_URL_CHARS || !/^https:\/\/[\x21-\x7e]+$/.test(id)) return false
  const url = URL.parse(id)
  if (url === null || url.href !== id || url.pathname === '/' || url.hash !== '' || id.includes('#')) return false
  return url.username === '' && url.password === '' && !/%2e/i.test(url.pathname)
}

function maxAgeOf({ headers }: Response): number {
  const text = headers.get('cache-control') ?? ''
  if (/(?:^|[\s,])no-(?:store|cache)(?:[\s,=]|$)/i.test(text)) return MIN_AGE_SECONDS
  const [, given] = /(?:^|[\s,])max-age=(\d{1,9})/i.exec(text) ?? []
  const seconds = given === undefined ? DEFAULT_AGE_SECONDS : Number(given)
  return Math.max(MIN_AGE_SECONDS, Math.min(seconds, MAX_AGE_SECONDS))
}

const rowOf = ({ redirectUris, postLogoutRedirectUris, scopes, ...client }: SelfRegistration) => ({
  ...client,
  redirectUris: [...redirectUris],
  postLogoutRedirectUris: [...postLogoutRedirectUris],
  scopes: [...scopes],
})

function entriesOf(
  { id: targetId, name, type, redirectUris, scopes }: DocumentClient,
  saved: Awaited<ReturnType<typeof saveDocumentClient>>,
): AuditEntry[] {
  const facts = { organizationId: DEPLOYMENT, actorId: null, actorEmail: null, source: 'provider', targetId } as const
  if (saved === 'inserted') {
    const metadata = { name, type, redirectUris, scopes, registration: 'document' }
    return [auditEntry('oauth_app.create', { ...facts, metadata })]
  }
  return saved.length === 0 ? [] : [auditEntry('oauth_app.update', { ...facts, metadata: { name, changed: saved } })]
}
