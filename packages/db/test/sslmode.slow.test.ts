import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  type Certificate,
  type CertificateAuthority,
  certificateAuthority,
  opensslMissing,
  type PostgresServer,
  postgresServer,
} from '@daytona-auth/testing'
import { connect } from '../src/core/client.ts'

const MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
type Mode = (typeof MODES)[number]

/** How a connection is encrypted, or the code of its failure with a part of the message. */
type Outcome = 'plain' | 'encrypted' | readonly [code: string, text: RegExp]

const NO_TLS: Outcome = ['DATABASE_TLS', /the server does not support it$/]
const UNKNOWN_CA: Outcome = ['DATABASE_TLS', /an authority that sslrootcert does not name$/]
const OTHER_HOST: Outcome = ['DATABASE_TLS', /the certificate of the server is for another host$/]
const HANDSHAKE: Outcome = ['DATABASE_TLS', /the handshake was not completed/]
const NO_CERTIFICATE: Outcome = ['28000', /valid client certificate/]
const REFUSED_PLAIN: Outcome = ['28000', /^pg_hba\.conf rejects .*no encryption$/]
const REFUSED_TLS: Outcome = ['28000', /^pg_hba\.conf rejects .*SSL encryption$/]
const NEEDS_ROOT: Outcome = ['CONNECTION_STRING', /^sslmode in DATABASE_URL is verify-ca, which needs sslrootcert/]
const REFUSED_CERTIFICATE: Outcome = ['DATABASE_TLS', /^the server refused the certificate of sslcert \(E\w+\)$/]

interface Kind {
  readonly what: string
  readonly user?: string
  /** The connection's parameters. */
  readonly parameters?: () => Readonly<Record<string, string>>
  readonly server?: () => PostgresServer
  readonly host?: string
  /** One for each mode, in the order of `MODES`. */
  readonly outcomes: readonly [Outcome, Outcome, Outcome, Outcome, Outcome, Outcome]
}

describe('sslmode', { skip: opensslMissing() }, () => {
  const tidyUps: (() => unknown)[] = []
  const scope = { after: (tidyUp: () => unknown) => tidyUps.unshift(tidyUp) }
  let secured: PostgresServer
  let unsecured: PostgresServer
  let authority: CertificateAuthority
  let other: CertificateAuthority
  let client: Certificate
  let stranger: Certificate

  before(async () => {
    authority = await certificateAuthority(scope, 'The authority')
    other = await certificateAuthority(scope, 'Another authority')
    client = await authority.issue('certified')
    stranger = await other.issue('certified')
    secured = await postgresServer(scope)
    unsecured = await postgresServer(scope)
    // The certificate is not for ::1, which is therefore another host.
    const certificate = await authority.issue('db', ['DNS:localhost', 'IP:127.0.0.1'])
    await secured.configure({
      tls: { ...certificate, clientCa: authority.root },
      settings: { ssl_min_protocol_version: 'TLSv1.3' },
      access: [
        'hostssl all certified all scram-sha-256 clientcert=verify-ca',
        'hostssl all encrypted all scram-sha-256',
        'hostnossl all plain all scram-sha-256',
        'host all plain,encrypted,certified all reject',
        'local all all scram-sha-256',
      ],
    })
    for (const role of ['certified', 'encrypted', 'plain']) {
      await secured.sql.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD '${secured.password}'`)
    }
    await unsecured.configure({ access: ['local all all scram-sha-256'] })
  })
  after(async () => {
    for (const tidyUp of tidyUps) await tidyUp()
  })

  const trusted = () => ({ sslrootcert: authority.root })
  // As libpq, except that libpq connects without TLS first for `allow`, and that `prefer` does not verify a certificate, for
  // which libpq would continue without TLS.
  const KINDS: readonly Kind[] = [
    {
      what: 'a server with TLS',
      parameters: trusted,
      outcomes: ['plain', 'encrypted', 'encrypted', 'encrypted', 'encrypted', 'encrypted'],
    },
    {
      what: 'a server with TLS, and no sslrootcert',
      outcomes: ['plain', 'encrypted', 'encrypted', 'encrypted', NEEDS_ROOT, UNKNOWN_CA],
    },
    {
      what: 'a server without TLS',
      server: () => unsecured,
      parameters: trusted,
      outcomes: ['plain', 'plain', 'plain', NO_TLS, NO_TLS, NO_TLS],
    },
    {
      what: 'a server of another authority than that of sslrootcert',
      parameters: () => ({ sslrootcert: other.root }),
      outcomes: ['plain', 'encrypted', 'encrypted', UNKNOWN_CA, UNKNOWN_CA, UNKNOWN_CA],
    },
    {
      what: 'a server whose certificate is for another host',
      host: '[::1]',
      parameters: trusted,
      outcomes: ['plain', 'encrypted', 'encrypted', 'encrypted', 'encrypted', OTHER_HOST],
    },
    {
      what: 'a server that requires a client certificate, without one',
      user: 'certified',
      parameters: trusted,
      outcomes: [REFUSED_PLAIN, NO_CERTIFICATE, NO_CERTIFICATE, NO_CERTIFICATE, NO_CERTIFICATE, NO_CERTIFICATE],
    },
    {
      what: 'a server that requires a client certificate, with sslcert and sslkey',
      user: 'certified',
      parameters: () => ({ ...trusted(), sslcert: client.cert, sslkey: client.key }),
      outcomes: [REFUSED_PLAIN, 'encrypted', 'encrypted', 'encrypted', 'encrypted', 'encrypted'],
    },
    {
      what: 'a server that requires a client certificate, with one of another authority',
      user: 'certified',
      parameters: () => ({ ...trusted(), sslcert: stranger.cert, sslkey: stranger.key }),
      outcomes: [
        REFUSED_PLAIN,
        REFUSED_CERTIFICATE,
        REFUSED_CERTIFICATE,
        REFUSED_CERTIFICATE,
        REFUSED_CERTIFICATE,
        REFUSED_CERTIFICATE,
      ],
    },
    {
      what: 'a server that lets the user in with TLS only',
      user: 'encrypted',
      parameters: trusted,
      outcomes: [REFUSED_PLAIN, 'encrypted', 'encrypted', 'encrypted', 'encrypted', 'encrypted'],
    },
    {
      // libpq connects again without TLS for `allow` and `prefer`.
      what: 'a server that lets the user in without TLS only',
      user: 'plain',
      parameters: trusted,
      outcomes: ['plain', REFUSED_TLS, REFUSED_TLS, REFUSED_TLS, REFUSED_TLS, REFUSED_TLS],
    },
    {
      what: 'a server that has no version of TLS in common with ssl_max_protocol_version',
      parameters: () => ({ ...trusted(), ssl_max_protocol_version: 'TLSv1.2' }),
      outcomes: ['plain', 'plain', 'plain', HANDSHAKE, HANDSHAKE, HANDSHAKE],
    },
    {
      what: 'a Unix socket, which is never encrypted',
      host: '',
      parameters: () => ({ ...trusted(), host: secured.socketDirectory }),
      outcomes: ['plain', 'plain', 'plain', 'plain', 'plain', 'plain'],
    },
  ]

  async function outcomeOf(kind: Kind, mode: Mode): Promise<unknown> {
    const server = kind.server?.() ?? secured
    const query = new URLSearchParams({ ...kind.parameters?.(), sslmode: mode, port: String(server.port) })
    const userinfo = `${kind.user ?? 'postgres'}:${server.password}`
    try {
      const { $client: sql } = connect(`postgres://${userinfo}@${kind.host ?? '127.0.0.1'}/postgres?${query}`, {
        max: 1,
      })
      try {
        const [row] = await sql`SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`
        return row?.['ssl'] ? 'encrypted' : 'plain'
      } finally {
        await sql.end({ timeout: 1 })
      }
    } catch (error) {
      return error
    }
  }

  for (const kind of KINDS) {
    for (const [at, mode] of MODES.entries()) {
      it(`${mode}: ${kind.what}`, async () => {
        const expected = kind.outcomes[at]
        const outcome = await outcomeOf(kind, mode)
        if (typeof expected === 'string') return assert.equal(outcome, expected)
        const [code, text] = expected ?? []
        const failure = outcome as { code?: string; message?: string; reason?: string }
        assert.equal(failure.code, code)
        assert.match(failure.reason ?? failure.message ?? '', text ?? /^$/)
      })
    }
  }
})
