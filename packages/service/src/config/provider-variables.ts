import * as z from 'zod'
import { secrets } from './secret.ts'
import { mailShape, serviceShape } from './service-variables.ts'
import { variableFacts } from './variable.ts'
import { boolean, duration, integer, lifetime } from './variables.ts'

/** Every variable of the provider, each with what it means. */
export const providerShape = {
  ...serviceShape,
  ...mailShape,
  API_AUDIENCE: z
    .url()
    .optional()
    .register(variableFacts, { fallback: 'ISSUER' })
    .describe('The resource server that access tokens are for: their `aud`.'),
  SIGNING_KEYS_SECRET: secrets().describe(
    'Opens the private signing keys in the database, and nobody but the provider has it: separated by commas, the first encrypts, each opens.',
  ),
  COOKIE_KEYS: secrets().describe('Sign cookies: separated by commas, the first signs, each is believed.'),
  ACCESS_TOKEN_ALG: z
    .enum(['ES256', 'RS256'], { error: 'must be ES256 or RS256' })
    .default('ES256')
    .describe(
      'What access tokens are signed with, `ES256` or `RS256`; id_tokens are RS256 unless the app chose ES256.',
    ),
  WEB_APPS_REQUIRE_PKCE: boolean()
    .prefault('false')
    .describe(
      'Refuse authorizations of web apps without a PKCE challenge, whatever the app says; public clients always need one.',
    ),
  ACCESS_TOKEN_TTL: lifetime().prefault('1h').describe('How long an access token is good for.'),
  AUTHORIZATION_CODE_TTL: lifetime().prefault('60s').describe('How long an authorization code can be redeemed.'),
  DEVICE_CODE_TTL: lifetime()
    .prefault('10m')
    .describe("How long a person may take to type a device's code and to consent."),
  REFRESH_TOKEN_TTL: lifetime()
    .prefault('30d')
    .describe('How long a refresh token can be used; each use makes a new one.'),
  REFRESH_TOKEN_ABSOLUTE_TTL: lifetime()
    .prefault('90d')
    .describe('However often it is rotated, a line of refresh tokens ends this long after its first.'),
  REFRESH_REUSE_GRACE: duration({ minMs: 0 })
    .prefault('10s')
    .describe(
      'A refresh token presented again this soon after its rotation is refused and no more (two tabs, a lost response); later its grant is killed.',
    ),
  REFRESH_REUSE_WINDOW: lifetime()
    .prefault('14d')
    .describe(
      'How long, after `REFRESH_REUSE_GRACE`, a second use of a refresh token is noticed and revokes its grant; the row is deleted afterwards.',
    ),
  SESSION_TTL: lifetime().prefault('14d').describe('How long a person stays signed in without using the session.'),
  SESSION_ABSOLUTE_TTL: lifetime()
    .prefault('30d')
    .describe('However often it is used, a session ends this long after its start.'),
  INTERACTION_TTL: lifetime()
    .prefault('30m')
    .describe(
      'How long a person may take to sign in and consent; nothing is stored longer for a browser in which nobody is signed in.',
    ),
  FAILED_SIGN_INS_LIMIT: integer({ min: 1 })
    .prefault('10')
    .describe('Failed sign-ins for one account from one address, within the window, before that pair has to wait.'),
  FAILED_SIGN_INS_WINDOW: lifetime()
    .prefault('15m')
    .describe('The window in which failed sign-ins, sign-ups and device codes are counted.'),
  FAILED_SIGN_INS_ADDRESS_LIMIT: integer({ min: 1 })
    .prefault('100')
    .describe('Failed sign-ins from one address within the window, whatever the account: one password tried on many.'),
  SIGN_UPS_ADDRESS_LIMIT: integer({ min: 1 })
    .prefault('50')
    .describe(
      'Sign-ups from one address within the window, refused ones included: they tell which addresses are taken.',
    ),
  ANONYMOUS_AUTHORIZATIONS_ADDRESS_LIMIT: integer({ min: 1 })
    .prefault('500')
    .describe('Authorizations and forms that one address may begin within the window without a sign-in.'),
  DEVICE_CODES_ADDRESS_LIMIT: integer({ min: 1 })
    .prefault('100')
    .describe('Device codes that one address may ask for within the window.'),
  UNKNOWN_CREDENTIALS_PER_MINUTE: integer({ min: 1 })
    .prefault('60')
    .describe(
      'Unknown clients, codes, tokens and links that one address may name in a minute before its look-ups are slowed down; an authenticated client ten times as many.',
    ),
  USER_CODE_GUESSES_ADDRESS_LIMIT: integer({ min: 1 })
    .prefault('20')
    .describe('Wrong user codes from one address within the window.'),
  PASSWORD_HASHING_CONCURRENCY: integer({ min: 1, max: 64 })
    .prefault('2')
    .describe('Passwords hashed at once, about 15 ms of CPU and 19 MiB each.'),
  PASSWORD_HASHING_QUEUE: integer({ min: 1 })
    .prefault('100')
    .describe('Passwords waiting to be hashed; past it people are asked to try again in a moment.'),
  HANDLER_TIMEOUT: duration({ minMs: 100 })
    .prefault('5s')
    .describe('A page that takes longer is answered 503, for a database that hangs would be waited for without end.'),
}
