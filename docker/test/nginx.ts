import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, type Scope, startServerProcess } from '@daytona-auth/testing'

/** A request that nginx has answered. */
export interface Proxied {
  readonly status: number
  /** The worker process of nginx: each has connections and a view of the servers of its own. */
  readonly worker: number
  /** The ports of the servers that nginx tried, in order. */
  readonly ports: readonly number[]
}

export interface Nginx {
  readonly origin: string
  /** Returns every request so far. */
  requests(): Promise<readonly Proxied[]>
  /** Returns what nginx has logged about failed servers. */
  errors(): Promise<string>
}

export const nginxMissing = (): string | false => spawnSync('nginx', ['-v']).status !== 0 && 'nginx is not installed'

export const WORKERS = 2
/** Idle connections that a worker keeps to the servers of one upstream. */
const KEPT = 32

const upstream = (name: string, ports: readonly number[]): string => `
  upstream ${name} {
    ${ports.map((port) => `server 127.0.0.1:${port} fail_timeout=1s;`).join('\n    ')}
    keepalive ${KEPT};
  }`

/** Starts nginx in front of servers on these ports of 127.0.0.1, with idle connections to each, until the end of `scope`. */
export async function startNginx(
  scope: Scope,
  ports: { readonly api: readonly number[]; readonly oidc: readonly number[] },
): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'daytona-auth-nginx-'))
  scope.after(() => rm(folder, { recursive: true, force: true }))
  await chmod(folder, 0o777) // workers have another user if the tests run as root
  const port = await freePort()
  const [accessLog, errorLog] = [join(folder, 'access.log'), join(folder, 'error.log')]
  await writeFile(
    join(folder, 'nginx.conf'),
    `
daemon off;
worker_processes ${WORKERS};
pid ${folder}/pid;
error_log ${errorLog} warn;
events { worker_connections 1024; }
http {
  log_format tried '$status $pid $upstream_addr';
  access_log ${accessLog} tried;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  ${upstream('api', ports.api)}
  ${upstream('oidc', ports.oidc)}
  server {
    listen 127.0.0.1:${port};
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    location = /nginx { access_log off; return 204; }
    location / { proxy_pass http://api; }
    location /oauth/ { proxy_pass http://oidc; }
    location /.well-known/ { proxy_pass http://oidc; }
  }
}
`,
  )
  const { child, ended, ready } = startServerProcess(scope, ['nginx', '-p', folder, '-c', join(folder, 'nginx.conf')])
  // Its workers outlive a master that is ended by SIGKILL.
  scope.after(async () => {
    child.kill('SIGTERM')
    await ended
  })
  const origin = `http://127.0.0.1:${port}`
  await ready(async () => (await fetch(`${origin}/nginx`)).status === 204)
  const log = await open(accessLog)
  scope.after(() => log.close())
  const answered: Proxied[] = []
  let position = 0
  return {
    origin,
    async requests() {
      const { buffer, bytesRead } = await log.read({ buffer: Buffer.alloc(1 << 20), position })
      // nginx may be writing the last line.
      const end = buffer.lastIndexOf('\n', bytesRead) + 1
      position += end
      for (const line of buffer.toString('latin1', 0, end).split('\n').filter(Boolean)) {
        const [status, worker] = line.split(' ')
        const ports = [...line.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port))
        answered.push({ status: Number(status), worker: Number(worker), ports })
      }
      return answered
    },
    errors: () => readFile(errorLog, 'utf8'),
  }
}
