import { uuidv7obj } from 'uuidv7'

declare const brand: unique symbol

/** An id of one kind: an organization's id cannot be passed where a user's is required. */
type Id<Prefix extends string> = `${Prefix}_${string}` & { readonly [brand]: Prefix }

export type OrganizationId = Id<'org'>
export type UserId = Id<'usr'>
export type ApiKeyId = Id<'key'>
export type RoleId = Id<'role'>
export type InvitationId = Id<'inv'>
export type GrantId = Id<'grant'>
export type ClientId = Id<'app'>
export type ClientSecretId = Id<'sec'>
export type ResourceServerId = Id<'rs'>
export type DomainId = Id<'dom'>
export type InitialAccessTokenId = Id<'iat'>
export type SandboxId = Id<'sbx'>
export type SnapshotId = Id<'snap'>
export type VolumeId = Id<'vol'>
export type RegistryId = Id<'reg'>
export type AuditEventId = Id<'evt'>
export type CredentialId = Id<'cred'>

interface Prefixes {
  org: OrganizationId
  usr: UserId
  key: ApiKeyId
  role: RoleId
  inv: InvitationId
  grant: GrantId
  app: ClientId
  sec: ClientSecretId
  rs: ResourceServerId
  dom: DomainId
  iat: InitialAccessTokenId
  sbx: SandboxId
  snap: SnapshotId
  vol: VolumeId
  reg: RegistryId
  evt: AuditEventId
  cred: CredentialId
}

/**
 * Creates an id: the prefix and a UUIDv7 (RFC 9562) as 26 characters of base32hex in lower case. Ids sort by their time of
 * creation under every collation. They are never reused and not secret: they contain the time of creation.
 */
export function newId<P extends keyof Prefixes>(prefix: P): Prefixes[P] {
  const value = BigInt(`0x${uuidv7obj().toHex()}`).toString(32).padStart(26, '0')
  return `${prefix}_${value}` as Prefixes[P]
}

/** Returns the lower bound of the ids created at or after an instant, as long as clocks agree. It is no id itself. */
export function firstIdAt<P extends keyof Prefixes>(prefix: P, at: Date): string {
  return `${prefix}_${at.getTime().toString(32).padStart(TIME_CHARACTERS, '0')}`
}

/** The 48 bits of a UUIDv7's time, after two that are zero. */
const TIME_CHARACTERS = 10

/** Whether a text has the format of an id of that kind. A look-up by id or name then uses it as an id. */
export const isId = (prefix: keyof Prefixes, text: string): boolean =>
  text.startsWith(`${prefix}_`) && /^[0-9a-v]{26}$/.test(text.slice(prefix.length + 1))
