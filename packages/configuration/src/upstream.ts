import {
  boolean,
  ConfigError,
  type Environment,
  httpUrl,
  isLoopback,
  loadConfig,
  variableFacts,
} from '@daytona-auth/service'
import * as z from 'zod'

/** Another provider that people may sign in with. */
export interface UpstreamConfig {
  /** Its part of our URLs: the name in the variables in lower case, with hyphens. */
  readonly name: string
  readonly kind: 'openid' | 'github'
  /** Its name on our pages. */
  readonly label: string
  /** The issuer identifier; for GitHub the URL of the installation. */
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scopes: readonly string[]
  /** Whether its statement of several factors counts as ours. */
  readonly trustsMfa: boolean
  /** Whether a sign-out here continues with a sign-out there. */
  readonly signsOut: boolean
}

const GITHUB = 'GITHUB'
const GITHUB_URL = 'https://github.com'
/** What a user name, an address and whether it is verified need. */
const GITHUB_SCOPES = ['read:user', 'user:email']
const MAX_NAME = 32

/** `UPSTREAM_<NAME>_<SUFFIX>`, each also as `…_FILE`. */
const VARIABLE =
  /^UPSTREAM_([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)_(ISSUER|URL|CLIENT_ID|CLIENT_SECRET|SCOPES|LABEL|TRUST_MFA|SIGN_OUT)(?:_FILE)?$/

/** https, or http on loopback, where only this machine can answer. */
const providerUrl = (example: string) =>
  httpUrl()
    .refine((text) => text.length <= 256, { error: 'must have at most 256 characters' })
    .refine(
      (text) => {
        const url = URL.parse(text)
        return url !== null && (url.protocol === 'https:' || isLoopback(url.hostname))
      },
      { error: 'must be https (http is allowed for localhost, 127.0.0.1 and [::1] only)' },
    )
    .register(variableFacts, { example })

/** A name of a provider on our pages. */
const UPSTREAM_LABEL = /^[\p{L}\p{N}][\p{L}\p{N} &'+.-]{0,39}$/u

const label = () =>
  z.string().regex(UPSTREAM_LABEL, 'must be a name of at most 40 letters, digits and spaces').optional()

const credentials = {
  CLIENT_ID: z
    .string()
    .max(256, 'must have at most 256 characters')
    .describe(
      'The client id that the upstream provider issued. Register `<ISSUER>/oauth/upstream/<name>/callback` there, with the name in lower case and hyphens.',
    ),
  CLIENT_SECRET: z
    .string()
    .max(1024, 'must have at most 1024 characters')
    .register(variableFacts, { secret: 'whole' })
    .describe('The client secret that the upstream provider issued.'),
}

const openid = {
  ISSUER: providerUrl('https://accounts.example.com').describe(
    'The issuer of an OpenID provider that people may sign in with. `<NAME>` is chosen freely, such as `ACME`. In a private network it must be in `OUTBOUND_NETWORKS`. If it sends logout tokens (OpenID Connect Back-Channel Logout), register `<ISSUER>/oauth/upstream/<name>/backchannel-logout` there.',
  ),
  ...credentials,
  SCOPES: z
    .string()
    .regex(/^openid(?: [\x21\x23-\x5b\x5d-\x7e]{1,128}){0,19}$/, 'must be scopes with spaces between, first openid')
    .default('openid email profile')
    .describe('The scopes to request, with spaces between.'),
  LABEL: label()
    .register(variableFacts, { fallback: 'the name' })
    .describe('The name of the provider on the sign-in page.'),
  TRUST_MFA: boolean()
    .prefault('false')
    .describe(
      'Accept the statement of the provider that a person signed in with several factors (`amr` with `mfa`) as a sign-in with a second factor here.',
    ),
  SIGN_OUT: boolean()
    .prefault('false')
    .describe(
      'Continue a sign-out here at the provider (RP-Initiated Logout), if its metadata have an `end_session_endpoint`. Register `<ISSUER>/oauth/upstream/<name>/signed-out` there as a post-logout redirect URI.',
    ),
}

const github = {
  URL: providerUrl(GITHUB_URL)
    .default(GITHUB_URL)
    .describe('The URL of your GitHub Enterprise Server, if people sign in with that.'),
  ...credentials,
  LABEL: label().register(variableFacts, { fallback: 'GitHub' }).describe('The name of GitHub on the sign-in page.'),
}

const prefixed = <Shape extends z.ZodRawShape>(name: string, shape: Shape): z.ZodRawShape =>
  Object.fromEntries(Object.entries(shape).map(([suffix, schema]) => [`UPSTREAM_${name}_${suffix}`, schema]))

const shapeOf = (name: string) => prefixed(name, name === GITHUB ? github : openid)

/** The variables of any upstream provider, and of GitHub, with their descriptions: for the reference. */
export const upstreamShape: z.ZodRawShape = Object.fromEntries(
  Object.entries({ ...prefixed('<NAME>', openid), ...prefixed(GITHUB, github) }).map(([name, schema]) => [
    name,
    z.safeParse(schema, undefined).success
      ? schema
      : z.optional(schema).register(variableFacts, { fallback: '**required** for such a provider' }),
  ]),
)

/** Returns the variables of the upstream providers that `env` names. */
export const upstreamShapeOf = (env: Environment): z.ZodRawShape =>
  Object.assign({}, ...namesIn(env).map(shapeOf)) as z.ZodRawShape

/**
 * Reads the upstream providers. A variable that no provider has is a problem: a mistyped one would otherwise be a missing
 * button, or a default.
 * @throws ConfigError that lists all problems
 */
export function loadUpstreams(env: Environment): readonly UpstreamConfig[] {
  const problems = Object.keys(env)
    .filter((variable) => variable.startsWith('UPSTREAM_') && env[variable] && !isKnown(variable))
    .sort()
    .map((variable) => `${variable} is not a variable of an upstream provider`)
  const upstreams = namesIn(env).flatMap((name) => {
    try {
      return [loadUpstream(name, env)]
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(...error.problems)
      return []
    }
  })
  if (problems.length > 0) throw new ConfigError(problems)
  return upstreams
}

function loadUpstream(name: string, env: Environment): UpstreamConfig {
  const values = loadConfig(shapeOf(name), env)
  const of = (suffix: string) => values[`UPSTREAM_${name}_${suffix}`] as string | undefined
  const isGithub = name === GITHUB
  return Object.freeze({
    name: name.toLowerCase().replaceAll('_', '-'),
    kind: isGithub ? 'github' : 'openid',
    label: of('LABEL') ?? (isGithub ? 'GitHub' : inWords(name)),
    issuer: (isGithub ? of('URL')?.replace(/\/$/, '') : of('ISSUER')) ?? '',
    clientId: of('CLIENT_ID') ?? '',
    clientSecret: of('CLIENT_SECRET') ?? '',
    scopes: isGithub ? GITHUB_SCOPES : (of('SCOPES') ?? '').split(' '),
    trustsMfa: values[`UPSTREAM_${name}_TRUST_MFA`] === true,
    signsOut: values[`UPSTREAM_${name}_SIGN_OUT`] === true,
  })
}

/** Lists the providers that variables are set of, in alphabetical order. */
const namesIn = (env: Environment): string[] =>
  [
    ...new Set(
      Object.keys(env).flatMap((variable) =>
        env[variable] && isKnown(variable) ? (VARIABLE.exec(variable)?.[1] ?? []) : [],
      ),
    ),
  ].sort()

function isKnown(variable: string): boolean {
  const [, name = '', suffix = ''] = VARIABLE.exec(variable) ?? []
  return name !== '' && name.length <= MAX_NAME && suffix in (name === GITHUB ? github : openid)
}

const inWords = (name: string): string =>
  name
    .split('_')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join(' ')
