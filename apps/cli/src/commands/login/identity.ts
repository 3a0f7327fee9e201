import { findKeyFault, maskKey } from '@daytona-auth/sdk'
import { createClient } from '../../client.ts'
import type { CommandContext } from '../../command-context.ts'
import type { Profile, SessionCredential } from '../../config-file.ts'
import { escapeUnprintable } from '../../escape.ts'
import { Failure } from '../../failure.ts'
import { hasBrowser } from '../../login/browser.ts'
import type { Output } from '../../output.ts'
import { withProgress } from '../../progress.ts'
import { readSecret } from '../../prompts.ts'
import { createSession, revokeSession } from '../../session.ts'
import type { Target } from '../../settings.ts'

export interface LoginOptions {
  readonly device?: true | undefined
  readonly apiKey?: true | undefined
  /** Requests a new sign-in, with a second factor. */
  readonly stepUp?: true | undefined
  readonly browser: boolean
  /** Milliseconds. */
  readonly timeout: number
}

/** A verified user or key, with its credential. */
export interface Identity {
  readonly credential: NonNullable<Profile['credential']>
  /** Completes the sentence "You are logged in …". */
  readonly is: string
  readonly organizationIds: readonly string[]
}

/** Reads a key and verifies it at the server. */
export async function identifyByKey({ terminal }: CommandContext, { apiUrl }: Target): Promise<Identity> {
  const key = await readSecret(terminal, `API key for ${apiUrl}:`)
  const fault = findKeyFault(key)
  if (fault !== undefined) throw new Failure(`This is not an API key: ${fault}.`, { hint: 'Copy it again, whole.' })
  const client = createClient({ apiUrl, apiKey: key })
  const { name, organizationIds } = await withProgress(terminal, 'Verifying the key', client.apiKeys.current())
  return { credential: { kind: 'api-key', key }, is: `with the key "${name}" (${maskKey(key)})`, organizationIds }
}

/** Signs a user in, and reads their profile. */
export async function identifyBySignIn(
  context: CommandContext,
  { apiUrl }: Target,
  options: LoginOptions,
): Promise<Identity> {
  const { terminal, output } = context
  const { oidc } = await withProgress(terminal, `Contacting ${apiUrl}`, createClient({ apiUrl }).config())
  requireSameOrigin(apiUrl, oidc.cli.issuer)
  const { device, timeout: timeoutMs, browser, stepUp: isStepUp = false } = options
  // Over SSH and without a desktop, the browser is on another machine, where loopback does not lead back here.
  const opensBrowser = browser && hasBrowser(terminal)
  const isOnDevice = device || (browser && !opensBrowser)
  const tokens = isOnDevice
    ? await (await import('../../login/device.ts')).signInOnDevice(terminal, output, oidc.cli, {
        timeoutMs,
        opensBrowser,
        isStepUp,
      })
    : await (await import('../../login/code.ts')).signInWithBrowser(terminal, output, oidc.cli, {
        timeoutMs,
        opensBrowser,
        isStepUp,
      })
  const session = createSession(tokens, { ...oidc.cli, email: null }, terminal.now())
  const client = createClient({ apiUrl, accessToken: session.accessToken })
  const who = Promise.all([client.users.me(), client.organizations.list()])
  const [{ name, email }, organizations] = await endSessionOnError(
    session,
    output,
    withProgress(terminal, 'Reading your profile', who),
  )
  return {
    credential: { ...session, email },
    is: `as ${escapeUnprintable(name ?? 'a user')}${email === null ? '' : ` (${escapeUnprintable(email)})`}`,
    organizationIds: organizations.map(({ id }) => id),
  }
}

/**
 * Rejects a provider at another origin. A malicious server could otherwise get a token for another server's API, from a
 * sign-in that looks genuine.
 */
function requireSameOrigin(apiUrl: string, issuer: string) {
  if (URL.canParse(issuer) && new URL(issuer).origin === new URL(apiUrl).origin) return
  throw new Failure(`${apiUrl} directs the sign-in to another server: ${escapeUnprintable(issuer)}.`, {
    hint: 'If that is the right server, log in to it: daytona login --api-url <url>',
  })
}

/** Ends the session if `work` fails: without its tokens it could not be ended later. */
export async function endSessionOnError<T>(session: SessionCredential, output: Output, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    await endSession(session, output)
    throw error
  }
}

/** Ends an unused session, which would stay valid for weeks. A failure is only a warning. */
export async function endSession(session: SessionCredential, output: Output) {
  await revokeSession(session).catch((error) => {
    output.warn(`An unused session could not be ended: ${escapeUnprintable(error.message)}`)
  })
}
