import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, type Scope, waitFor } from '@daytona-auth/testing'

/** Reverse proxies configured as in guides/forward-auth.md, in front of a service without its own authentication. */

const GUIDE = new URL('../src/features/docs/guides/forward-auth.md', import.meta.url)

export interface Service {
  readonly port: number
  /** The requests that it received. */
  readonly requests: { readonly url: string; readonly headers: IncomingHttpHeaders }[]
}

/** Answers everything with 200. */
export async function service(scope: Scope): Promise<Service> {
  const requests: Service['requests'] = []
  const server = createServer(({ url = '', headers }, response) => {
    requests.push({ url, headers })
    response.end('served')
  }).listen(0, '127.0.0.1')
  scope.after(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return { port: address.port, requests }
}

/** Debian installs nginx in /usr/sbin, which is not in a user's PATH. */
const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` }

/** Returns the reason to skip a test that needs the proxy. In CI it must be installed. */
export function missing(program: 'nginx' | 'caddy'): string | false {
  const isThere = spawnSync(program, [program === 'nginx' ? '-v' : 'version'], { env }).error === undefined
  return isThere || process.env['CI'] ? false : `${program} is not installed: apt-get install ${program}`
}

interface Upstreams {
  readonly apiPort: number
  readonly servicePort: number
}

/** Starts the proxy and returns its port. */
export async function startNginx(scope: Scope, upstreams: Upstreams): Promise<number> {
  const directory = await temporary(scope)
  const { port, text } = await snippet('nginx', upstreams)
  const temporaries = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${directory}/${name};`)
    .join('\n')
  const file = join(directory, 'nginx.conf')
  await writeFile(
    file,
    `daemon off; master_process off; pid ${directory}/pid; error_log stderr;
     events {}
     http { access_log off; ${temporaries}
     ${text} }`,
  )
  return started(scope, port, spawn('nginx', ['-p', directory, '-e', 'stderr', '-c', file], { env, stdio: 'ignore' }))
}

/** Starts the proxy and returns its port. */
export async function startCaddy(scope: Scope, upstreams: Upstreams): Promise<number> {
  const directory = await temporary(scope)
  const { port, text } = await snippet('caddyfile', upstreams)
  const file = join(directory, 'Caddyfile')
  await writeFile(file, `{\n admin off\n}\n${text}`)
  const own = { ...env, HOME: directory, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory }
  return started(scope, port, spawn('caddy', ['run', '--config', file], { env: own, stdio: 'ignore' }))
}

async function temporary(scope: Scope): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'proxy-'))
  scope.after(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** Returns the configuration in guides/forward-auth.md with the addresses of this test. */
async function snippet(language: string, { apiPort, servicePort }: Upstreams): Promise<{ port: number; text: string }> {
  const [, text = ''] = (await readFile(GUIDE, 'utf8')).split(`\`\`\`${language}\n`)
  const port = await freePort()
  const meant: Record<string, number> = { '8000': port, '3000': apiPort, '8080': servicePort }
  const [body = ''] = text.split('```')
  return { port, text: body.replaceAll(/127\.0\.0\.1:(\d+)/g, (_, given: string) => `127.0.0.1:${meant[given]}`) }
}

async function started(scope: Scope, port: number, child: ChildProcess): Promise<number> {
  const ended = once(child, 'exit')
  scope.after(async () => {
    child.kill()
    await ended
  })
  await waitFor(async () => {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.destroy()
    return true
  }, 10_000)
  return port
}
