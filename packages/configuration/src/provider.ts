import { permissionNames } from '@daytona-auth/protocol/scopes'
import {
  boolean,
  duration,
  integer,
  lifetime,
  list,
  mailShape,
  secrets,
  serviceShape,
  variableFacts,
} from '@daytona-auth/service'
import * as z from 'zod'
import { brandShape, pageBrandShape } from './brand.ts'
import { outboundShape } from './outbound.ts'
import { resourceSecretsShape } from './resource-secrets.ts'

/** The variables of the provider with their descriptions. */
export const providerShape = {
  ...serviceShape,
  ...mailShape,
  ...brandShape,
  ...pageBrandShape,
  API_AUDIENCE: z
    .url()
    .optional()
    .register(variableFacts, { fallback: 'ISSUER' })
    .describe('The resource server that access tokens are for: their `aud`.'),
  SIGNING_KEYS_SECRET: secrets().describe(
    'Decrypts the private signing keys and the secrets of authenticator apps in the database. Only the provider has it. Comma-separated: the first encrypts, each decrypts.',
  ),
  COOKIE_KEYS: secrets().describe('Sign cookies. Comma-separated: the first signs, each verifies.'),
  ACCESS_TOKEN_ALG: z
    .enum(['ES256', 'RS256'], { error: 'must be ES256 or RS256' })
    .default('ES256')
    .describe(
      'The algorithm that signs access tokens, `ES256` or `RS256`. ID tokens are RS256 unless the app chose ES256.',
    ),
  WEB_APPS_REQUIRE_PKCE: boolean()
    .prefault('false')
    .describe(
      'Require a PKCE challenge of all web apps, regardless of the setting of the app. Public clients always need one.',
    ),
  CLIENT_REGISTRATION: z
    .enum(['off', 'token', 'open'], { error: 'must be off, token or open' })
    .default('off')
    .describe(
      'Whether apps may register themselves (RFC 7591) at `/oauth/register`: `off`, `token` with an initial access token of `daytona-auth registration-token create`, or `open` to anyone, as clients of the Model Context Protocol expect.',
    ),
  CLIENT_ID_METADATA_DOCUMENTS: boolean()
    .prefault('false')
    .describe(
      'Accept apps whose client id is the https URL of a document about them (Client ID Metadata Documents), as clients of the Model Context Protocol send. The document is fetched from public addresses, and from `OUTBOUND_NETWORKS`.',
    ),
  SELF_REGISTERED_SCOPES: permissions()
    .default([])
    .describe(
      'The permissions of our own API that apps which registered themselves may request, such as `read:sandboxes`. They may always request to know who a person is, and the scopes of APIs of organizations. People consent to each.',
    ),
  UNUSED_REGISTRATION_TTL: lifetime()
    .prefault('1d')
    .describe('How long an app that registered itself exists without anyone giving it access.'),
  REGISTRATIONS_ADDRESS_LIMIT: integer({ min: 1 })
    .prefault('30')
    .describe(
      'Requests of one address to register an app or manage its registration, within the window of `FAILED_SIGN_INS_WINDOW`, including refused ones.',
    ),
  REGISTERED_CLIENTS_LIMIT: integer({ min: 1 })
    .prefault('10000')
    .describe('Apps that registered themselves, of all addresses. Beyond that, registrations are answered 503.'),
  ACCESS_TOKEN_TTL: lifetime().prefault('1h').describe('How long an access token is valid.'),
  AUTHORIZATION_CODE_TTL: lifetime().prefault('60s').describe('How long an authorization code can be redeemed.'),
  DEVICE_CODE_TTL: lifetime()
    .prefault('10m')
    .describe("How long a person may take to enter a device's code and to consent."),
  REFRESH_TOKEN_TTL: lifetime().prefault('30d').describe('How long a refresh token is valid. Each use rotates it.'),
  REFRESH_TOKEN_ABSOLUTE_TTL: lifetime()
    .prefault('90d')
    .describe('How long a family of refresh tokens is valid after its first token, regardless of rotations.'),
  REFRESH_REUSE_GRACE: duration({ minMs: 0 })
    .prefault('10s')
    .describe(
      'A refresh token reused this soon after its rotation gets the same successor again (two tabs, a lost response). Later reuse revokes its grant.',
    ),
  REFRESH_REUSE_WINDOW: lifetime()
    .prefault('14d')
    .describe(
      'How long after `REFRESH_REUSE_GRACE` the reuse of a refresh token is detected and revokes its grant. Then the row is deleted.',
    ),
  SESSION_TTL: lifetime().prefault('14d').describe('How long a person stays signed in without using the session.'),
  SESSION_ABSOLUTE_TTL: lifetime()
    .prefault('30d')
    .describe(
      'How long a session lasts after its start, regardless of use. Access of its apps ends with it, except of the CLI and devices.',
    ),
  INTERACTION_TTL: lifetime()
    .prefault('30m')
    .describe(
      'How long a person may take to sign in and consent. Also how long data is stored for a browser without a signed-in user.',
    ),
  UNVERIFIED_ACCOUNT_TTL: lifetime()
    .prefault('7d')
    .describe(
      'How long an unused account exists whose address was not verified: without a session, key, app, record or organization. Only if mails are sent.',
    ),
  FACTOR_RESET_WAIT: lifetime({ minMs: 60 * 60_000 })
    .prefault('72h')
    .describe(
      'How long a person who has lost every second factor waits for their removal, from 1 h. Mails to all addresses of the account announce it, and can cancel it. Only if mails are sent.',
    ),
  LOCATION_DATABASE: z
    .string()
    .optional()
    .register(variableFacts, { example: '/var/lib/geoip/GeoLite2-City.mmdb' })
    .describe(
      'The path of a database of places in the MaxMind DB format, of countries or cities, such as GeoLite2 or DB-IP Lite. With it the account pages say where sessions and sign-ins came from. Read at startup.',
    ),
  FAILED_SIGN_INS_LIMIT: integer({ min: 1 })
    .prefault('10')
    .describe(
      'Failed sign-ins for one account from one address within the window, before that pair has to wait. The same number of requests for recovery, and of codes of a second factor from any address.',
    ),
  FAILED_SIGN_INS_WINDOW: lifetime()
    .prefault('15m')
    .describe('The window in which failed sign-ins, sign-ups, requests for recovery and device codes are counted.'),
  FAILED_SIGN_INS_ADDRESS_LIMIT: integer({ min: 1 })
    .prefault('100')
    .describe('Failed sign-ins from one address within the window, over all accounts: one password tried on many.'),
  FAILED_SIGN_INS_ACCOUNT_LIMIT: integer({ min: 1 })
    .prefault('100')
    .describe(
      'Failed sign-ins for one account within the window, from all addresses. A browser in which the account has signed in before is not concerned: its attempts count for it alone, up to `FAILED_SIGN_INS_LIMIT`.',
    ),
  SIGN_UPS_ADDRESS_LIMIT: integer({ min: 1 })
    .prefault('50')
    .describe(
      'Sign-ups from one address within the window, including refused ones, which reveal the addresses that are taken.',
    ),
  ANONYMOUS_AUTHORIZATIONS_ADDRESS_LIMIT: integer({ min: 1 })
    .prefault('500')
    .describe('Authorizations and forms that one address may begin within the window without signing in.'),
  DEVICE_CODES_ADDRESS_LIMIT: integer({ min: 1 })
    .prefault('100')
    .describe('Device codes that one address may request within the window.'),
  UNKNOWN_CREDENTIALS_PER_MINUTE: integer({ min: 1 })
    .prefault('60')
    .describe(
      'Unknown clients, codes, tokens and links per minute from one address (ten times as many from an authenticated client). Look-ups are slowed down beyond that.',
    ),
  USER_CODE_GUESSES_ADDRESS_LIMIT: integer({ min: 1 })
    .prefault('20')
    .describe('Wrong user codes from one address within the window.'),
  PASSWORD_HASHING_CONCURRENCY: integer({ min: 1, max: 64 })
    .prefault('2')
    .describe('Passwords hashed concurrently, about 15 ms of CPU and 19 MiB each.'),
  PASSWORD_HASHING_QUEUE: integer({ min: 1 })
    .prefault('100')
    .describe('Passwords waiting to be hashed. Beyond that, people are asked to try again in a moment.'),
  ...outboundShape,
  ...resourceSecretsShape,
  HANDLER_TIMEOUT: duration({ minMs: 100 })
    .prefault('5s')
    .describe(
      'How long a request may take before it is answered 503. Without it a hanging database blocks requests forever.',
    ),
}

/** A list of permissions of our own API. */
function permissions() {
  const names: readonly string[] = permissionNames()
  return list().transform((items, context) => {
    if (!items.every((item) => names.includes(item))) context.addIssue('must be permissions such as read:sandboxes')
    return items
  })
}
