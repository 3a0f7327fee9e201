import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Scope } from '@daytona-auth/testing'
import { freePort } from '@daytona-auth/testing'
import { type Answer, inputOf, type Visitor, visitor } from '../browser/visitor.ts'
import { PASSWORD, type Person, type TestClient, type TestProvider } from '../fixture.ts'

/** An app of a foreign client library, in a process of its own. */
export interface ForeignApp {
  readonly origin: string
  readonly client: TestClient
}

/** Starts a program of `apps/` as an app of the person's organization, and waits until it prints `ready`. */
export async function startForeignApp(
  scope: Scope,
  provider: TestProvider,
  person: Person,
  { program, callback }: { readonly program: string; readonly callback: string },
): Promise<ForeignApp> {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const client = await provider.client(person, {
    redirectUris: [origin + callback],
    postLogoutRedirectUris: [origin],
  })
  const child = spawn(process.execPath, [join(import.meta.dirname, 'apps', program)], {
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      BASE: origin,
      ISSUER: provider.issuer,
      CLIENT_ID: client.clientId,
      CLIENT_SECRET: client.secret,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  scope.after(() => child.kill())
  await isReady(child)
  return { origin, client }
}

function isReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (/^ready$/m.test(output)) resolve()
      })
    }
    child.once('exit', (code) => reject(new Error(`the app ended with ${code}: ${output}`)))
  })
}

/** A browser that visits the app and the provider, each with its own cookies. */
export interface TwoOrigins {
  readonly at: (url: URL) => Visitor
  /** Opens a page, follows redirects across both origins, and answers the provider's pages as the person. */
  open(url: string): Promise<Answer>
  /** Does so until it is led to a URL that begins with `target`, which it does not open. Returns that URL. */
  until(url: string, target: string): Promise<URL>
}

export function personAt(provider: TestProvider, app: string, person: Person): TwoOrigins {
  const visitors = new Map([app, provider.issuer].map((origin) => [origin, visitor(origin)]))
  const at = ({ origin }: URL): Visitor => {
    const found = visitors.get(origin)
    if (!found) throw new Error(`${origin} is neither the app nor the provider`)
    return found
  }

  async function answerPage(page: Answer): Promise<Answer | undefined> {
    const uid = /\/oauth\/interaction\/([^/"]+)/.exec(page.html)?.[1]
    if (page.url.origin !== provider.issuer || uid === undefined) return undefined
    const csrf = inputOf(page, 'csrf')
    const isConsent = page.html.includes('name="decision"')
    const organization = [...page.html.matchAll(/name="organization"[^>]*value="([^"]*)"/g)].map(([, id]) => id ?? '')
    const fields = isConsent ? { decision: 'allow', organization } : { email: person.email, password: PASSWORD }
    const path = `/oauth/interaction/${uid}/${isConsent ? 'consent' : 'sign-in'}`
    return at(page.url).post(path, { csrf, ...fields })
  }

  /** Opens a page and continues until `isEnd`, or until there is nothing to follow or answer. */
  async function walk(url: string, isEnd: (answer: Answer) => boolean): Promise<Answer> {
    let current = await at(new URL(url)).get(url)
    for (let hops = 0; hops < 30; hops += 1) {
      if (isEnd(current)) return current
      const next = current.location ? await at(current.location).get(current.location) : await answerPage(current)
      if (next === undefined) return current
      current = next
    }
    throw new Error('too many redirects')
  }

  return {
    at,
    open: (url) => walk(url, () => false),
    async until(url, target) {
      const { location, html } = await walk(url, (answer) => answer.location?.href.startsWith(target) === true)
      if (!location) throw new Error(`the browser was not led to ${target}: ${html}`)
      return location
    },
  }
}
