import { normalizeDomain } from '@daytona-auth/db/core'
import publicMailDomains from 'free-email-domains'
import { MAX_DOMAIN_LENGTH } from './email-address.ts'

/** Labels of letters, digits and hyphens (RFC 1123 §2.1), at least two, the last one not a number. */
const DOMAIN = /^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z](?:[a-z\d-]{0,61}[a-z\d])?$/

/** An e-mail domain that an organization may claim, or why it may not. */
export type GivenEmailDomain =
  | { readonly domain: string; readonly problem?: never }
  | { readonly problem: string; readonly domain?: never }

/** Reads the domain of an organization, as it is written after the `@`. The caller has bounded the length. */
export function readEmailDomain(text: string): GivenEmailDomain {
  const domain = normalizeDomain(text)
  if (domain.length > MAX_DOMAIN_LENGTH || !DOMAIN.test(domain))
    return { problem: 'must be a domain such as example.com' }
  if (isPublicMailDomain(domain)) return { problem: 'is a public mail service, whose addresses belong to many people' }
  return { domain }
}

let known: ReadonlySet<string> | undefined

/** Whether anyone can get an address of this normalized domain, such as `gmail.com`. */
function isPublicMailDomain(domain: string): boolean {
  known ??= new Set(publicMailDomains)
  return known.has(domain)
}
