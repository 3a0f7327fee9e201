import { isIP, Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import postgres from 'postgres'
import type { ConnectionTls } from './connection-tls.ts'

export const TARGET_SESSION_ATTRS = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const

/** The hosts of a connection, and how to connect to them. */
export interface SocketPlan {
  readonly hosts: readonly Place[]
  readonly tls: ConnectionTls
  /** For each host, including the TLS handshake. */
  readonly timeoutMs: number
  /** Whether the TLS handshake sends the server's name (SNI). */
  readonly isSni: boolean
  readonly targetSessionAttrs: (typeof TARGET_SESSION_ATTRS)[number]
  /** The source of `targetSessionAttrs`, for a message; undefined if it is our default for several hosts. */
  readonly attrsSource: string | undefined
}

interface Place {
  readonly host: string
  readonly port: number
}

/** TLS with the database failed. `reason` is shown to a person in one line and contains no secret. */
export class DatabaseTlsError extends Error {
  override readonly name = 'DatabaseTlsError'
  readonly code = 'DATABASE_TLS'
  readonly reason: string

  constructor(reason: string, options?: ErrorOptions) {
    super(`TLS with the database failed: ${reason}`, options)
    this.reason = reason
  }
}

/** Every host of the connection string responds, and none meets `target_session_attrs`. */
export class UnsuitableHostError extends Error {
  override readonly name = 'UnsuitableHostError'
  readonly code = 'UNSUITABLE_HOST'
  readonly reason: string

  constructor({ targetSessionAttrs, attrsSource }: SocketPlan) {
    const requirement = attrsSource === undefined ? 'several hosts are given' : `${attrsSource} is given`
    const reason = `no host is ${targetSessionAttrs}, as is required where ${requirement}`
    super(reason)
    this.reason = reason
  }
}

/** The options of one connection, without its socket: for checking a host. */
type Credentials = postgres.Options<Record<string, postgres.PostgresType>>

/** How long a host may take to answer before the next one is tried beside it. */
const STAGGER_MS = 500

/**
 * Opens a socket to the first host that responds and meets `target_session_attrs`. Never rejects: a pool of postgres.js
 * permanently loses a connection if its socket function rejects. A failure is emitted as the error of the returned socket.
 */
export async function openSocket(plan: SocketPlan, credentials: Credentials): Promise<Socket> {
  const failures: unknown[] = []
  const { targetSessionAttrs } = plan
  const isPrimaryRequired = targetSessionAttrs === 'read-write' || targetSessionAttrs === 'primary'
  const socket = isPrimaryRequired
    ? await openStaggered(plan, credentials, failures)
    : await openInOrder(plan, credentials, failures)
  return socket ?? failed(failures.find((error) => !(error instanceof UnsuitableHostError)) ?? failures[0])
}

/** Tries one host after another, in the order of the connection string, which states a preference. */
async function openInOrder(
  plan: SocketPlan,
  credentials: Credentials,
  failures: unknown[],
): Promise<Socket | undefined> {
  for (const isSecondRound of plan.targetSessionAttrs === 'prefer-standby' ? [false, true] : [false]) {
    for (const place of plan.hosts) {
      try {
        if (isSecondRound || (await isSuitable(plan, place, credentials))) return await socketTo(plan, place)
        failures.push(new UnsuitableHostError(plan))
      } catch (error) {
        failures.push(error)
      }
    }
  }
  return undefined
}

/**
 * Tries the next host also if one is silent, as the machine of a former primary that has crashed: only one host is the
 * primary, and each new connection would wait `connect_timeout` for the silent one.
 */
async function openStaggered(
  plan: SocketPlan,
  credentials: Credentials,
  failures: unknown[],
): Promise<Socket | undefined> {
  const found = Promise.withResolvers<Socket>()
  let isFound = false
  const attempts = []
  for (const place of plan.hosts) {
    if (isFound) break
    const tried = tryHost(place)
    attempts.push(tried)
    await Promise.race([tried, found.promise, delay(STAGGER_MS, undefined, { ref: false })])
  }
  return Promise.race([found.promise, Promise.all(attempts).then(() => (isFound ? found.promise : undefined))])

  async function tryHost(place: Place): Promise<void> {
    try {
      if (!(await isSuitable(plan, place, credentials))) {
        failures.push(new UnsuitableHostError(plan))
        return
      }
      const socket = await socketTo(plan, place)
      if (isFound) socket.destroy()
      isFound = true
      found.resolve(socket)
    } catch (error) {
      failures.push(error)
    }
  }
}

/** Connects to one host and checks whether it meets `target_session_attrs`. With `any` no connection is needed. */
async function isSuitable(plan: SocketPlan, place: Place, credentials: Credentials): Promise<boolean> {
  const required = plan.targetSessionAttrs
  if (required === 'any') return true
  const socket = await socketTo(plan, place)
  const options = { ...credentials, max: 1, socket: async () => socket } as Credentials
  const sql = postgres(options)
  const late = setTimeout(() => socket.destroy(timedOut(place)), plan.timeoutMs)
  try {
    const [state] = await sql<{ isStandby: boolean; isReadOnly: boolean }[]>`
      SELECT pg_is_in_recovery() AS "isStandby", current_setting('transaction_read_only') = 'on' AS "isReadOnly"`
    if (!state) return false
    if (required === 'primary') return !state.isStandby
    if (required === 'standby' || required === 'prefer-standby') return state.isStandby
    return state.isReadOnly === (required === 'read-only')
  } finally {
    clearTimeout(late)
    void sql.end({ timeout: 1 })
  }
}

/** Returns a socket that is ready for PostgreSQL's startup message. */
async function socketTo(plan: SocketPlan, place: Place): Promise<Socket> {
  try {
    return await attempt(plan, place)
  } catch (error) {
    if (plan.tls.need !== 'prefer' || !(error instanceof DatabaseTlsError)) throw error
    return await attempt({ ...plan, tls: { ...plan.tls, need: 'never' } }, place)
  }
}

async function attempt({ tls, timeoutMs, isSni }: SocketPlan, { host, port }: Place): Promise<Socket> {
  const isLocal = host.startsWith('/')
  const socket = new Socket()
  const late = setTimeout(() => socket.destroy(timedOut({ host, port })), timeoutMs)
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject).once('connect', resolve)
      if (isLocal) socket.connect(`${host}/.s.PGSQL.${port}`)
      else socket.connect(port, host)
    })
    socket.removeAllListeners()
    // As libpq does: over TLS, the delayed ACK of the handshake would delay the startup message by 40 ms.
    socket.setNoDelay()
    // As in libpq, a Unix socket is never encrypted.
    if (isLocal || tls.need === 'never') return socket
    if (!tls.isDirect && !(await offersTls(socket))) {
      if (tls.need === 'prefer') return socket
      throw new DatabaseTlsError('the server does not support it')
    }
    return await encrypted(socket, host, tls, isSni)
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    clearTimeout(late)
  }
}

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

/** Sends SSLRequest (PostgreSQL manual, 55.2.10). Resolves to true if the server accepts TLS. */
function offersTls(socket: Socket): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()
  socket.once('error', reject)
  socket.once('close', () => reject(Object.assign(new Error('closed by the server'), { code: 'ECONNRESET' })))
  socket.once('data', (answer: Buffer) => {
    socket.removeAllListeners()
    socket.pause()
    const [kind] = answer
    // Anything after the one byte was injected by a man in the middle (CVE-2021-23222).
    if (answer.length !== 1 || (kind !== 83 && kind !== 78))
      reject(new DatabaseTlsError('what answers is no PostgreSQL'))
    else resolve(kind === 83)
  })
  socket.write(SSL_REQUEST)
  return promise
}

function encrypted(
  socket: Socket,
  host: string,
  { options, isDirect }: ConnectionTls,
  isSni: boolean,
): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const secured = connectTls({
    ...options,
    socket,
    // Always verified against the certificate; sent to the server only if it is a name.
    host,
    ...(isSni && isIP(host) === 0 ? { servername: host } : {}),
    ...(isDirect ? { ALPNProtocols: ['postgresql'] } : {}),
  })
  const fail = (error: Error) => reject(asTlsError(error))
  secured.once('error', fail)
  secured.once('close', () => fail(new Error('the server closed the connection')))
  secured.once('secureConnect', () => {
    secured.removeAllListeners('error')
    secured.removeAllListeners('close')
    if (options.cert !== undefined) explainRefusedCertificate(secured)
    resolve(secured)
  })
  return promise
}

/**
 * Replaces the error of a client certificate that the server rejects. With TLS 1.3 the server verifies it after the client
 * has completed the handshake. The rejection is an alert, or a reset if the startup message was sent at the same time.
 */
function explainRefusedCertificate(secured: TLSSocket): void {
  const receivedBefore = secured.bytesRead
  secured.once('error', (error: Error & { code?: string }) => {
    const isAlert = error.code?.startsWith('ERR_SSL_') ?? false
    if (!isAlert && secured.bytesRead > receivedBefore) return
    // The driver listens to the same error.
    Object.assign(error, new DatabaseTlsError(`the server refused the certificate of sslcert (${error.code})`))
  })
}

function asTlsError(error: Error): Error {
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'CONNECT_TIMEOUT') return error
  const known = /SELF_SIGNED|UNABLE_TO|ISSUER/.test(code)
    ? 'the certificate of the server is from an authority that sslrootcert does not name'
    : code === 'ERR_TLS_CERT_ALTNAME_INVALID'
      ? 'the certificate of the server is for another host'
      : code === 'CERT_HAS_EXPIRED'
        ? 'the certificate of the server has expired'
        : `the handshake was not completed${code ? ` (${code})` : ''}`
  return new DatabaseTlsError(known, { cause: error })
}

const timedOut = ({ host, port }: Place) =>
  Object.assign(new Error(`no connection to ${host}:${port} in time`), { code: 'CONNECT_TIMEOUT' })

/** Returns a socket that fails with `error` after the driver has attached its listeners and before it writes. */
function failed(error: unknown): Socket {
  const socket = new Socket()
  setImmediate(() => socket.destroy(error instanceof Error ? error : new Error(String(error))))
  return socket
}
