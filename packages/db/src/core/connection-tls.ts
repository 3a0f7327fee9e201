import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  createSecureContext,
  getCACertificates,
  type SecureVersion,
  type ConnectionOptions as TlsOptions,
} from 'node:tls'
import { type ConnectionString, refuse } from './connection-string.ts'

/** How a connection is encrypted; `prefer`: only where the server offers TLS. */
export interface ConnectionTls {
  readonly need: 'never' | 'prefer' | 'always'
  /** TLS from the first byte (PostgreSQL 17), instead of by request. */
  readonly isDirect: boolean
  readonly options: TlsOptions
}

const MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const satisfies readonly SecureVersion[]

/**
 * Reads `sslmode` and its related parameters as libpq defines them (PostgreSQL manual, 32.19). `allow` is treated as
 * `prefer`: neither guarantees anything. `require` with a root certificate verifies it. Unlike libpq, no file below
 * `~/.postgresql` is read, and no second connection is made where `pg_hba.conf` refuses the first.
 *
 * @throws ConnectionStringError if a file cannot be read or libpq does not define a value
 */
export function readTls({ parameters, source }: ConnectionString): ConnectionTls {
  const rootFile = parameters.get('sslrootcert')
  const mode = oneOf('sslmode', MODES, rootFile === 'system' ? 'verify-full' : 'prefer')
  const isDirect = oneOf('sslnegotiation', ['postgres', 'direct'] as const, 'postgres') === 'direct'
  if (isDirect && (mode === 'disable' || mode === 'allow' || mode === 'prefer')) {
    refuse(`${source('sslnegotiation')} is direct, which needs sslmode=require, verify-ca or verify-full`)
  }
  if (rootFile === 'system' && mode !== 'verify-full') {
    refuse(
      `${source('sslrootcert')} is system, which needs sslmode=verify-full: anyone can get a certificate from a public authority`,
    )
  }
  if (mode === 'verify-ca' && rootFile === undefined) {
    refuse(`${source('sslmode')} is verify-ca, which needs sslrootcert; verify-full works with public authorities`)
  }
  const isVerified = mode === 'verify-full' || mode === 'verify-ca' || (mode === 'require' && rootFile !== undefined)
  const [cert, key] = [file('sslcert'), file('sslkey')]
  if ((cert === undefined) !== (key === undefined)) {
    refuse(`${source(cert ? 'sslcert' : 'sslkey')} needs ${cert ? 'sslkey' : 'sslcert'} beside it`)
  }
  const root = rootFile === undefined || rootFile === 'system' ? undefined : file('sslrootcert')
  const crl = file('sslcrl')
  const passphrase = parameters.get('sslpassword')
  const minVersion = oneOf('ssl_min_protocol_version', VERSIONS, 'TLSv1.2')
  const maxVersion = oneOf('ssl_max_protocol_version', VERSIONS, 'TLSv1.3')
  if (VERSIONS.indexOf(minVersion) > VERSIONS.indexOf(maxVersion)) {
    refuse(`${source('ssl_min_protocol_version')} is above ssl_max_protocol_version`)
  }
  if (root) certificate('sslrootcert', root)
  if (cert && key && !certificate('sslcert', cert).checkPrivateKey(privateKey(key))) {
    refuse(`${source('sslkey')} names a key that is not that of sslcert`)
  }
  if (crl) parsed('sslcrl', 'a certificate revocation list', () => createSecureContext({ crl }))
  const options: TlsOptions = {
    rejectUnauthorized: isVerified,
    minVersion,
    maxVersion,
    ...(rootFile === 'system' ? { ca: getCACertificates('system') } : {}),
    ...(root === undefined ? {} : { ca: root }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(crl === undefined ? {} : { crl }),
    ...(mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  }
  const need = mode === 'disable' ? 'never' : mode === 'allow' || mode === 'prefer' ? 'prefer' : 'always'
  return { need, isDirect, options }

  function oneOf<const T extends string>(keyword: string, values: readonly T[], fallback: T): T {
    const value = parameters.get(keyword)
    if (value === undefined) return fallback
    return (
      values.find((each) => each === value) ??
      refuse(`${source(keyword)} must be ${values.slice(0, -1).join(', ')} or ${values.at(-1)}`)
    )
  }

  /** Parses a file before any connection: there an invalid one would fail with an error of OpenSSL. */
  function parsed<T>(keyword: string, what: string, parse: () => T): T {
    try {
      return parse()
    } catch {
      return refuse(`${source(keyword)} names a file that does not hold ${what} as PEM`)
    }
  }

  function certificate(keyword: string, content: Buffer): X509Certificate {
    return parsed(keyword, 'a certificate', () => new X509Certificate(content))
  }

  function privateKey(content: Buffer): KeyObject {
    const what = 'a private key that sslpassword decrypts'
    const input = passphrase === undefined ? { key: content } : { key: content, passphrase }
    return parsed('sslkey', passphrase === undefined ? 'a private key without a password' : what, () =>
      createPrivateKey(input),
    )
  }

  function file(keyword: string): Buffer | undefined {
    const path = parameters.get(keyword)
    if (!path) return undefined
    try {
      return readFileSync(path)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : 'unreadable'
      return refuse(`${source(keyword)} names a file that cannot be read (${code})`)
    }
  }
}
