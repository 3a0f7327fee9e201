import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Scope } from '@daytona-auth/testing'
import { createTempDirectory, readCredentials, startStandalone } from '../../standalone/test/standalone.ts'

export interface Service {
  readonly origin: string
  readonly organizationId: string
  readonly user: { readonly id: string; readonly email: string; readonly password: string }
  /** A key with `admin:organization`. */
  readonly apiKey: string
  /** Returns the link in the newest mail to an address. */
  linkTo(email: string): Promise<string>
  /** Everything that it has logged. */
  readonly log: () => string
  /** Sends a request with a credential. */
  request(method: string, path: string, credential: string, body?: unknown): Promise<{ status: number; body: unknown }>
}

/** The server and the browser share a machine that may be loaded, where the default would end a sign-up with 503. */
const HANDLER_TIMEOUT = '1m'

/** Starts everything as `pnpm start` does, with a database of its own, unless `env` names another one. */
export async function startService(scope: Scope, env: Readonly<Record<string, string>> = {}): Promise<Service> {
  const dataDir = join(await createTempDirectory(scope), '.data')
  const { origin, output, ready } = await startStandalone(scope, {
    dataDir,
    env: { LOG_LEVEL: 'debug', HANDLER_TIMEOUT, ...env },
  })
  await ready()
  const { user, organizationId, apiKey } = await readCredentials(dataDir)
  return {
    origin,
    organizationId,
    user,
    apiKey,
    log: () => output.stderr,
    async linkTo(email) {
      const folder = join(dataDir, 'outbox')
      const names = (await readdir(folder)).sort()
      const mails = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
      const mail = mails.findLast((text) => text.includes(`To: ${email}`))
      // Soft line breaks and the escaped `=` of quoted-printable.
      const link = /https?:\/\/\S+/.exec((mail ?? '').replaceAll('=\r\n', '').replaceAll('=3D', '='))?.[0]
      assert.ok(link, `there is no mail to ${email}`)
      return link
    },
    async request(method, path, credential, body) {
      const response = await fetch(origin + path, {
        method,
        headers: {
          authorization: `Bearer ${credential}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
    },
  }
}
