import { shownName } from '@daytona-auth/accounts/shown-name'

/** A client as people see it. Its name and homepage are its own words; the host of its redirect URI is a fact. */
export interface ShownClient {
  readonly name: string
  readonly letter: string
  readonly firstParty: boolean
  readonly native: boolean
  readonly homepage: { readonly href: string; readonly host: string } | undefined
  /** Where the browser goes afterwards; undefined for a program on the same device. */
  readonly host: string | undefined
}

export interface ClientFacts {
  readonly id: string
  readonly name: string | undefined
  readonly firstParty: boolean
  readonly native: boolean
  readonly homepageUri: string | undefined
}

/** `redirectUri` is the one of this very request, which the provider has matched with the registered ones. */
export function showClient(client: ClientFacts, redirectUri: string | undefined): ShownClient {
  const name = plain(client.name ?? client.id)
  return {
    name,
    letter: firstLetter(name),
    firstParty: client.firstParty,
    native: client.native,
    homepage: shownHomepage(client.homepageUri),
    host: shownHost(redirectUri),
  }
}

/** A name without what changes the look of the text around it, and without the form of a link. */
export const plain = shownName

/** The first letter as people count letters: an emoji is one. */
function firstLetter(name: string): string {
  const [first] = new Intl.Segmenter('en').segment(name)
  return first?.segment.toUpperCase() ?? '?'
}

/** Only http(s) becomes a link: `javascript:` must not. */
function shownHomepage(uri: string | undefined): ShownClient['homepage'] {
  const url = uri === undefined ? null : URL.parse(uri)
  return url && /^https?:$/.test(url.protocol) ? { href: url.href, host: url.host } : undefined
}

/** The host that a redirect URI leads to; undefined for a program on the same device. */
export function shownHost(redirectUri: string | undefined): string | undefined {
  const url = redirectUri === undefined ? null : URL.parse(redirectUri)
  if (!url || !/^https?:$/.test(url.protocol)) return undefined
  return /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname) ? undefined : url.host
}
