import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { SMTPServer } from 'smtp-server'
import { createMailer } from '../src/index.ts'

/** Less than nodemailer's default timeouts, which are two minutes or more. */
const RECOVERY_MS = 20_000

/** Starts a proxy that acknowledges but forwards nothing: on open connections only, or on later ones too. */
async function network(t: TestContext, target: number) {
  const silent = new Set<Socket>()
  const open = new Set<Socket>()
  let isSilent = false
  let connections = 0
  const server = createServer((client) => {
    connections += 1
    const upstream = connect(target, '127.0.0.1')
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from)
      if (isSilent) silent.add(from)
      from.on('error', () => to.destroy())
      from.once('close', () => to.destroy())
      from.on('data', (data) => silent.has(from) || to.write(data))
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port, // it listens on TCP
    connections: () => connections,
    silence(later: boolean) {
      isSilent = later
      for (const socket of open) silent.add(socket)
    },
  }
}

// Loading the library takes longer on a busy machine than a send may take here.
await import('nodemailer')

describe('an SMTP server behind a network that acknowledges but answers nothing', () => {
  const TIMEOUT_MS = 500
  const from = 'no-reply@example.test'

  async function mailer(t: TestContext, scheme = 'smtp') {
    const received: string[] = []
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      onData(stream, { envelope }, done) {
        stream.resume()
        stream.once('end', () => {
          received.push(...envelope.rcptTo.map(({ address }) => address))
          done()
        })
      },
    })
    server.on('error', () => {}) // connections that are cut
    server.listen(0, '127.0.0.1')
    await once(server.server, 'listening')
    const { port } = server.server.address() as AddressInfo // it listens on TCP
    const proxy = await network(t, port)
    const made = createMailer({ smtpUrl: `${scheme}://127.0.0.1:${proxy.port}`, from, timeoutMs: TIMEOUT_MS })
    assert.ok(made)
    t.after(() => {
      made.close()
      server.close()
    })
    let sent = 0
    const send = () => {
      sent += 1
      return made.send({
        id: `mail.${sent}`,
        to: `${sent}@example.test`,
        subject: 'Hello',
        text: 'Hello',
        html: 'Hello',
      })
    }
    /** Sends until a mail is accepted. */
    const sendUntilAccepted = async () => {
      const until = performance.now() + RECOVERY_MS
      const isSent = () =>
        send().then(
          () => true,
          () => false,
        )
      while (!(await isSent())) {
        assert.ok(performance.now() < until, 'no mail was sent in time')
        await delay(20)
      }
    }
    return { proxy, send, sendUntilAccepted, received, last: () => `${sent}@example.test` }
  }

  /** More than the pool has connections. */
  const MAILS = 4

  for (const when of ['on open connections', 'before its greeting'] as const) {
    it(`silent ${when}: each send fails in time, and later ones arrive on new connections`, async (t) => {
      const { proxy, send, sendUntilAccepted, received, last } = await mailer(t)
      // On a busy machine, a mail may take longer than the timeout.
      if (when === 'on open connections') await Promise.all([sendUntilAccepted(), sendUntilAccepted()])
      proxy.silence(true)
      const since = performance.now()
      const failed = await Promise.allSettled(Array.from({ length: MAILS }, send))
      assert.deepEqual([...new Set(failed.map(({ status }) => status))], ['rejected'])
      assert.ok(performance.now() - since < RECOVERY_MS)
      proxy.silence(false)
      await sendUntilAccepted()
      assert.ok(received.includes(last()))
    })
  }

  it('silent in the TLS handshake: connections are replaced', async (t) => {
    const { proxy, send } = await mailer(t, 'smtps')
    proxy.silence(true)
    const until = performance.now() + RECOVERY_MS
    while (proxy.connections() <= MAILS) {
      await assert.rejects(send())
      assert.ok(performance.now() < until, `only ${proxy.connections()} connections`)
    }
  })
})
