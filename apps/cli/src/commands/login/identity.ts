import { faultOfKey, maskKey } from '@daytona-auth/sdk'
import type { Call } from '../../cli.ts'
import { clientOf } from '../../client.ts'
import type { Profile, SessionCredential } from '../../config-file.ts'
import { Failure } from '../../failure.ts'
import type { Output } from '../../output.ts'
import { printable } from '../../printable.ts'
import { withProgress } from '../../progress.ts'
import { secret } from '../../question.ts'
import { revoke, sessionOf } from '../../session.ts'
import type { Place } from '../../settings.ts'

export interface LoginOptions {
  readonly device?: true | undefined
  readonly apiKey?: true | undefined
  readonly browser: boolean
  /** Milliseconds. */
  readonly timeout: number
}

/** Who it turned out to be, and how it is kept. */
export interface Identity {
  readonly credential: NonNullable<Profile['credential']>
  /** In a sentence. */
  readonly is: string
  readonly organizationIds: readonly string[]
}

/** A key that the server knows. */
export async function byKey({ terminal }: Call, { apiUrl }: Place): Promise<Identity> {
  const key = await secret(terminal, `API key for ${apiUrl}:`)
  const fault = faultOfKey(key)
  if (fault !== undefined) throw new Failure(`This is no API key: ${fault}.`, { hint: 'Copy it again, whole.' })
  const client = clientOf({ apiUrl, apiKey: key })
  const { name, organizationIds } = await withProgress(terminal, 'Asking who it is', client.apiKeys.current())
  return { credential: { kind: 'api-key', key }, is: `with the key "${name}" (${maskKey(key)})`, organizationIds }
}

/** A person, in a browser. */
export async function bySignIn(call: Call, { apiUrl }: Place, options: LoginOptions): Promise<Identity> {
  const { terminal, output } = call
  const { oidc } = await withProgress(terminal, `Asking ${apiUrl}`, clientOf({ apiUrl }).config())
  requireSameOrigin(apiUrl, oidc.cli.issuer)
  const { device, timeout: timeoutMs, browser: opensBrowser } = options
  const tokens = device
    ? await (await import('../../login/device.ts')).signInOnAnotherDevice(terminal, output, oidc.cli, { timeoutMs })
    : await (await import('../../login/code.ts')).signInWithBrowser(terminal, output, oidc.cli, {
        timeoutMs,
        opensBrowser,
      })
  const session = sessionOf(tokens, { ...oidc.cli, email: null }, terminal.now())
  const client = clientOf({ apiUrl, accessToken: session.accessToken })
  const who = Promise.all([client.users.me(), client.organizations.list()])
  const [{ name, email }, organizations] = await orEnd(
    session,
    output,
    withProgress(terminal, 'Asking who you are', who),
  )
  return {
    credential: { ...session, email },
    is: `as ${printable(name ?? 'a user')}${email === null ? '' : ` (${printable(email)})`}`,
    organizationIds: organizations.map(({ id }) => id),
  }
}

/**
 * A server that could name somebody else's provider would be given a token by it, made for that provider's API, from a
 * sign-in that looks as it should.
 */
function requireSameOrigin(apiUrl: string, issuer: string) {
  if (URL.canParse(issuer) && new URL(issuer).origin === new URL(apiUrl).origin) return
  throw new Failure(`${apiUrl} wants you to sign in elsewhere: ${printable(issuer)}.`, {
    hint: 'If that is the address of the server that you mean, log in to it: daytona login --api-url <address>',
  })
}

/** Whatever cannot be kept is ended: nobody could do that later. */
export async function orEnd<T>(session: SessionCredential, output: Output, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    await end(session, output)
    throw error
  }
}

/** A session that nobody will use: it would go on for weeks. The login does not fail for it. */
export async function end(session: SessionCredential, output: Output) {
  await revoke(session).catch((error) => {
    output.warn(`A session that is not used any more could not be ended: ${printable(error.message)}`)
  })
}
