import { domainToASCII, domainToUnicode } from 'node:url'
import { type Column, type SQL, sql } from 'drizzle-orm'

/**
 * Returns the form in which an address is stored and compared: trimmed, NFC, lower case, and an internationalized domain
 * in its ASCII spelling (RFC 5891). Browsers send `bücher.example` as `xn--bcher-kva.example`, and people write either.
 * The caller has bounded the length.
 */
export function normalizeEmail(email: string): string {
  const text = email.trim().normalize('NFC').toLowerCase()
  const at = text.lastIndexOf('@') + 1
  return at === 0 ? text : text.slice(0, at) + asciiDomain(text.slice(at))
}

/**
 * Returns the form in which the domain of an address is stored and compared, as in `normalizeEmail`. The caller has bounded
 * the length.
 */
export const normalizeDomain = (domain: string): string => asciiDomain(domain.trim().normalize('NFC').toLowerCase())

/** Returns the domain of an address, normalized. Empty for a text that has none. */
export function domainOf(email: string): string {
  const address = normalizeEmail(email)
  const at = address.lastIndexOf('@')
  return at === -1 ? '' : address.slice(at + 1)
}

/** A plain domain stays as it is: the function would also rewrite what looks like an IPv4 address. */
const asciiDomain = (domain: string): string =>
  INTERNATIONALIZED.test(domain) ? domainToASCII(domain) || domain : domain

const INTERNATIONALIZED = /[^\x20-\x7e]|(?:^|\.)xn--/

/**
 * Returns the spellings under which an address may be stored: the normalized one and, for an internationalized domain,
 * the Unicode one. Rows inserted before the ASCII spelling was introduced have the Unicode one.
 */
export function emailSpellings(email: string): string[] {
  const address = normalizeEmail(email)
  const at = address.lastIndexOf('@') + 1
  const unicode = address.slice(0, at) + (domainToUnicode(address.slice(at)) || address.slice(at))
  return unicode === address || !INTERNATIONALIZED.test(address.slice(at)) ? [address] : [address, unicode]
}

/**
 * The SQL expression of the domain of the address of a user, by an alias of `users`. Rows with an internationalized domain that
 * were inserted before the ASCII spelling was introduced do not match the normalized domain.
 */
export const emailDomainSql = (user: string): string => `lower(substring(${user}.email FROM '[^@]*$'))`

/** The SQL expression of the domain of `users.email`. */
export const EMAIL_DOMAIN = emailDomainSql('users')

/** The condition that two columns store the same spelling of an address, in any case. */
export const storeSameEmail = (one: Column, other: Column): SQL => sql`lower(${one}) = lower(${other})`

/**
 * The condition that `column` stores this address, in any case and in either spelling of its domain. Every look-up by
 * address uses it. An index on `lower(column)` serves it.
 */
export const matchesEmail = (column: Column, email: string): SQL =>
  sql`lower(${column}) IN (${sql.join(
    emailSpellings(email).map((spelling) => sql`lower(${spelling})`),
    sql`, `,
  )})`
