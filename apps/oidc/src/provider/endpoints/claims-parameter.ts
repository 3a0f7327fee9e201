import { errors } from 'oidc-provider'
import { z } from 'zod'
import { CLAIMS } from '../policy/claims.ts'
import { ClaimRequest } from '../policy/requested-acr.ts'

/** The part of `claims` that has an effect by itself. */
const EFFECTIVE = ['sub', 'acr'] as const

const Parameter = z.object({
  userinfo: z.record(z.string(), z.unknown()).optional(),
  id_token: z.record(z.string(), z.unknown()).optional(),
})

export interface ReducedClaims {
  /** The scopes that contain the requested claims. */
  readonly scopes: readonly string[]
  /** The parameter for the library; undefined if the scopes say all of it. */
  readonly claims: string | undefined
}

/**
 * Reduces the `claims` parameter (OIDC Core §5.5) to scopes. A claim about a person is a request for the scope that contains
 * it, so that the same registration, consent page and grant decide about both. What is left for the library are the
 * required `sub` and the `acr`. Returns undefined for a value that the library refuses.
 */
export function reduceClaims(parameter: string): ReducedClaims | undefined {
  const { data: asked } = Parameter.safeParse(parseJson(parameter))
  if (!asked || (asked.userinfo === undefined && asked.id_token === undefined)) return undefined
  const { userinfo = {}, id_token: idToken = {} } = asked
  const names = new Set([...Object.keys(userinfo), ...Object.keys(idToken)])
  const scopes = (['profile', 'email'] as const).filter((scope) => CLAIMS[scope].some((claim) => names.has(claim)))
  // A `sub` that userinfo has to have is that of the id_token: both are of the same person.
  const all: Readonly<Record<string, unknown>> = {
    ...(userinfo['sub'] != null && { sub: userinfo['sub'] }),
    ...idToken,
  }
  const kept = EFFECTIVE.filter((name) => all[name] != null).map((name) => [name, all[name]])
  return { scopes, claims: kept.length > 0 ? JSON.stringify({ id_token: Object.fromEntries(kept) }) : undefined }
}

const Effective = z.object({ id_token: z.object({ sub: ClaimRequest, acr: ClaimRequest }).partial().optional() })

/** Refuses a `sub` or `acr` of another form than OIDC Core §5.5.1 has. @throws InvalidRequest */
export function checkReducedClaims(claims: unknown): void {
  if (!Effective.safeParse(claims).success) {
    throw new errors.InvalidRequest('claims.id_token has a sub or an acr in another form than OIDC Core §5.5.1')
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
