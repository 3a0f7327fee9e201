import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, describe, it } from 'node:test'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { createMailer, type Delivery } from '../src/mail/mailer.ts'

const PASSWORD = 'open/sesame@1'
const from = 'no-reply@example.test'
const mail = { to: 'bob@example.test', subject: 'Ünïcode, and\r\nBcc: eve@example.test', text: 'Hello\n.\nBob' }

interface Taken {
  readonly from: string
  readonly to: readonly string[]
  readonly content: string
}

/** A real SMTP server. Its certificate is one that nobody vouches for. */
async function smtpServer(options: SMTPServerOptions = {}) {
  const taken: Taken[] = []
  const passwords: unknown[] = []
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    onAuth({ password }, _session, done) {
      passwords.push(password)
      if (password === PASSWORD) done(null, { user: 'robot' })
      else done(new Error('wrong password'))
    },
    async onData(stream, { envelope }, done) {
      const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address
      taken.push({ from, to: envelope.rcptTo.map(({ address }) => address), content: await text(stream) })
      done()
    },
    ...options,
  })
  server.on('error', () => {}) // connections that a client gives up
  server.listen(0)
  await once(server.server, 'listening')
  after(() => new Promise<void>((resolve) => server.close(resolve)))
  const { port } = server.server.address() as AddressInfo // a TCP port is what it listens on
  const urlOf = (credentials = '', host = '127.0.0.1') => `smtp://${credentials}${host}:${port}`
  return { urlOf, taken, passwords }
}

async function sent(smtpUrl: string, to = mail.to): Promise<Delivery | undefined> {
  const mailer = createMailer({ smtpUrl, from })
  try {
    return await mailer?.send({ ...mail, to })
  } finally {
    mailer?.close()
  }
}

describe('createMailer', () => {
  it('makes none without a server and without a folder', () => {
    assert.equal(createMailer({ from }), undefined)
  })

  it('fails, and says so, where the server is gone or refuses', async () => {
    const refusing = await smtpServer({ onRcptTo: (_address, _session, done) => done(new Error('nobody here')) })
    for (const url of ['smtp://127.0.0.1:1', refusing.urlOf()]) await assert.rejects(sent(url), url)
    assert.deepEqual(refusing.taken, [])
  })

  it('signs in where it is told to, and fails with a wrong password', async () => {
    const { urlOf, taken, passwords } = await smtpServer({ authOptional: false })
    for (const url of [urlOf(), urlOf('robot:wrong@')]) await assert.rejects(sent(url), url)
    assert.deepEqual([taken, passwords], [[], ['wrong']])
    assert.deepEqual(await sent(urlOf(`robot:${encodeURIComponent(PASSWORD)}@`)), { kind: 'sent' })
    assert.equal(taken.length, 1)
  })

  it('sends no password in clear over a network, and none to who cannot prove to be the server', async () => {
    const [clear, posing] = [await smtpServer(), await smtpServer({ disabledCommands: [], allowInsecureAuth: false })]
    // Another address of this machine stands for another machine.
    for (const { urlOf, taken, passwords } of [clear, posing]) {
      await assert.rejects(sent(urlOf(`robot:${encodeURIComponent(PASSWORD)}@`, '127.0.0.2')))
      assert.deepEqual([taken, passwords], [[], []])
    }
    // Whoever runs it may know better.
    const { urlOf, taken } = clear
    await sent(`${urlOf(`robot:${encodeURIComponent(PASSWORD)}@`, '127.0.0.2')}?requireTLS=false`)
    assert.equal(taken.length, 1)
  })

  it('hands the mail to one person, whatever the subject says', async () => {
    const { urlOf, taken } = await smtpServer()
    assert.deepEqual(await sent(urlOf()), { kind: 'sent' })
    const [{ content, ...envelope } = { content: '' }] = taken
    assert.deepEqual(envelope, { from: 'no-reply@example.test', to: ['bob@example.test'] })
    assert.doesNotMatch(content, /^Bcc/im)
    assert.match(content, /Hello\r\n\.\r\nBob/)
  })

  it('takes an address for one, not for a list', async () => {
    const { urlOf, taken } = await smtpServer()
    await sent(urlOf(), 'bob@example.test, eve@example.test').catch(() => {})
    assert.deepEqual(
      taken.flatMap(({ to }) => to).filter((address) => address.startsWith('eve')),
      [],
    )
  })

  it('writes files for the owner of the process only, where there is no server', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'outbox-'))
    after(() => rm(parent, { recursive: true }))
    const outboxDirectory = join(parent, 'deep', 'outbox')
    const delivery = await createMailer({ outboxDirectory, from })?.send(mail)
    const [name = ''] = await readdir(outboxDirectory)
    const file = join(outboxDirectory, name)
    assert.deepEqual(delivery, { kind: 'written', file })
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.equal((await stat(outboxDirectory)).mode & 0o777, 0o700)
    const text = await readFile(file, 'utf8')
    assert.match(text, /^To: bob@example\.test\r?$/m)
    assert.match(text, /^From: no-reply@example\.test\r?$/m)
    assert.match(text, /Hello/)
  })
})
