import { shownName } from '@daytona-auth/accounts/shown-name'
import { isLoopback } from '@daytona-auth/service'

/** A client as shown to users. Its developer chose name and homepage; the host of its redirect URI is verified. */
export interface ShownClient {
  readonly name: string
  readonly letter: string
  readonly firstParty: boolean
  readonly native: boolean
  readonly homepage: { readonly href: string; readonly host: string } | undefined
  /** The host that the browser is sent to afterwards; undefined for an app on the same device. */
  readonly host: string | undefined
  /** How it registered itself: with a document at a host, or by a request; undefined if an organization or the operator did. */
  readonly selfRegistered: { readonly host: string | undefined } | undefined
}

export interface ClientFacts {
  readonly id: string
  readonly name: string | undefined
  readonly firstParty: boolean
  readonly native: boolean
  readonly homepageUri: string | undefined
  /** Of an app that registered itself. */
  readonly registration?: { readonly documentExpiresAt: Date | null } | null
}

/**
 * Prepares a client for a page. `redirectUri` is that of this request, matched by the provider with the registered
 * ones.
 */
export function showClient(client: ClientFacts, redirectUri: string | undefined): ShownClient {
  const name = shownName(client.name ?? client.id)
  return {
    name,
    letter: firstLetter(name),
    firstParty: client.firstParty,
    native: client.native,
    homepage: shownHomepage(client.homepageUri),
    host: shownHost(redirectUri),
    selfRegistered: client.registration
      ? { host: client.registration.documentExpiresAt ? new URL(client.id).host : undefined }
      : undefined,
  }
}

/** Returns the first grapheme: an emoji counts as one letter. */
function firstLetter(name: string): string {
  const [first] = new Intl.Segmenter('en').segment(name)
  return first?.segment.toUpperCase() ?? '?'
}

/** Only http(s) becomes a link: `javascript:` must not. */
function shownHomepage(uri: string | undefined): ShownClient['homepage'] {
  const url = uri === undefined ? null : URL.parse(uri)
  return url && /^https?:$/.test(url.protocol) ? { href: url.href, host: url.host } : undefined
}

/** Returns the host of a redirect URI; undefined for an app on the same device. */
export function shownHost(redirectUri: string | undefined): string | undefined {
  const url = redirectUri === undefined ? null : URL.parse(redirectUri)
  if (!url || !/^https?:$/.test(url.protocol)) return undefined
  return isLoopback(url.hostname) ? undefined : url.host
}
