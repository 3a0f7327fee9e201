import { readFile } from 'node:fs/promises'
import type { DaytonaAuth } from '@daytona-auth/sdk'
import { UsageError } from '../../failure.ts'

export interface KeyOptions {
  /** A file with a JWK Set. */
  readonly jwks?: string | undefined
  readonly jwksUri?: string | undefined
}

type AppMembers = Parameters<DaytonaAuth['oauthApps']['create']>[0]
type Jwks = NonNullable<AppMembers['jwks']>

interface KeyMembers {
  readonly tokenEndpointAuthMethod?: 'private_key_jwt'
  readonly jwks?: Jwks | null
  readonly jwksUri?: string | null
}

/**
 * Returns the members of an app that authenticates with its keys; none without an option of them.
 * @throws UsageError for both options, and for a file without a JWK Set
 */
export async function readKeyOptions({ jwks, jwksUri }: KeyOptions): Promise<KeyMembers> {
  if (jwks === undefined && jwksUri === undefined) return {}
  if (jwks !== undefined && jwksUri !== undefined) throw new UsageError('Specify either --jwks or --jwks-uri.')
  return {
    tokenEndpointAuthMethod: 'private_key_jwt',
    jwks: jwks === undefined ? null : await readJwks(jwks),
    jwksUri: jwksUri ?? null,
  }
}

/** The server checks the keys; their form is checked here, so that another file is not sent. */
async function readJwks(path: string): Promise<Jwks> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new UsageError(`Cannot read ${path}.`, { cause })
  })
  try {
    const parsed: unknown = JSON.parse(text)
    const isSet = typeof parsed === 'object' && parsed !== null && 'keys' in parsed && Array.isArray(parsed.keys)
    // The server checks each key.
    if (isSet) return { keys: parsed.keys as Jwks['keys'] }
  } catch {
    // The text may contain a private key: it is not repeated.
  }
  throw new UsageError(`${path} is not a JWK Set.`, { hint: 'It has the form {"keys": [...]}, with public keys only.' })
}
