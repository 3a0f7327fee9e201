import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Scope } from './file-scope.ts'

/** A certificate and its key, as paths of PEM files. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** A certificate authority for one test. */
export interface CertificateAuthority {
  /** The path of the authority's certificate. */
  readonly root: string
  /** Issues a certificate. `names` are its alternative names, such as `DNS:localhost` or `IP:127.0.0.1`. */
  issue(commonName: string, names?: readonly string[]): Promise<Certificate>
}

/** Returns the reason to skip a test that needs openssl. In CI the program must be installed. */
export function opensslMissing(): string | false {
  const isInstalled = spawnSync('openssl', ['version']).error === undefined
  return isInstalled || process.env['CI'] ? false : 'openssl is not installed: apt-get install openssl'
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

/** Creates a certificate authority, whose files exist until the end of `scope`. */
export async function certificateAuthority(scope: Scope, commonName: string): Promise<CertificateAuthority> {
  const directory = await mkdtemp(join(tmpdir(), 'daytona-auth-ca-'))
  scope.after(() => rm(directory, { recursive: true, force: true }))
  const openssl = (...args: readonly string[]) => promisify(execFile)('openssl', args, { cwd: directory })
  const root = join(directory, 'root.crt')
  const rootKey = join(directory, 'root.key')
  await openssl(
    'req',
    '-x509',
    ...NEW_KEY,
    '-keyout',
    rootKey,
    '-out',
    root,
    '-days',
    '2',
    '-subj',
    `/CN=${commonName}`,
  )
  let issued = 0
  return {
    root,
    async issue(name, names = []) {
      issued += 1
      const path = (extension: string) => join(directory, `${issued}.${extension}`)
      const [request, extensions, cert, key] = [path('csr'), path('ext'), path('crt'), path('key')]
      await openssl('req', ...NEW_KEY, '-keyout', key, '-out', request, '-subj', `/CN=${name}`)
      await writeFile(extensions, names.length > 0 ? `subjectAltName=${names.join(',')}\n` : '')
      const signing = ['-CA', root, '-CAkey', rootKey, '-CAcreateserial', '-days', '2', '-extfile', extensions]
      await openssl('x509', '-req', '-in', request, '-out', cert, ...signing)
      return { cert, key }
    },
  }
}
