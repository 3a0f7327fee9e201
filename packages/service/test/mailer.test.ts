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
const mail = {
  id: 'invitation.1',
  to: 'bob@example.test',
  subject: 'Ünïcode, and\r\nBcc: eve@example.test',
  text: 'Hello\n.\nBob',
  html: '<p>Hello</p>',
}

interface Taken {
  readonly from: string
  readonly to: readonly string[]
  readonly content: string
}

/** Starts a real SMTP server with an untrusted certificate. */
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
  server.on('error', () => {}) // connections that a client aborts
  server.listen(0)
  await once(server.server, 'listening')
  after(() => new Promise<void>((resolve) => server.close(resolve)))
  const { port } = server.server.address() as AddressInfo // it listens on TCP
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
  it('creates no mailer without a server and a folder', () => {
    assert.equal(createMailer({ from }), undefined)
  })

  it('rejects if the server is down or refuses', async () => {
    const refusing = await smtpServer({ onRcptTo: (_address, _session, done) => done(new Error('no such user')) })
    for (const url of ['smtp://127.0.0.1:1', refusing.urlOf()]) await assert.rejects(sent(url), url)
    assert.deepEqual(refusing.taken, [])
  })

  it('authenticates with the credentials of the URL, and fails with a wrong password', async () => {
    const { urlOf, taken, passwords } = await smtpServer({ authOptional: false })
    for (const url of [urlOf(), urlOf('robot:wrong@')]) await assert.rejects(sent(url), url)
    assert.deepEqual([taken, passwords], [[], ['wrong']])
    assert.deepEqual(await sent(urlOf(`robot:${encodeURIComponent(PASSWORD)}@`)), { kind: 'sent' })
    assert.equal(taken.length, 1)
  })

  it('sends no password in clear over a network, and none to a server with an untrusted certificate', async () => {
    const [clear, posing] = [await smtpServer(), await smtpServer({ disabledCommands: [], allowInsecureAuth: false })]
    // Another address of this machine acts as another machine.
    for (const { urlOf, taken, passwords } of [clear, posing]) {
      await assert.rejects(sent(urlOf(`robot:${encodeURIComponent(PASSWORD)}@`, '127.0.0.2')))
      assert.deepEqual([taken, passwords], [[], []])
    }
    // The operator can disable the requirement.
    const { urlOf, taken } = clear
    await sent(`${urlOf(`robot:${encodeURIComponent(PASSWORD)}@`, '127.0.0.2')}?requireTLS=false`)
    assert.equal(taken.length, 1)
  })

  it('sends the mail to one recipient, regardless of the subject', async () => {
    const { urlOf, taken } = await smtpServer()
    assert.deepEqual(await sent(urlOf()), { kind: 'sent' })
    const [{ content, ...envelope } = { content: '' }] = taken
    assert.deepEqual(envelope, { from: 'no-reply@example.test', to: ['bob@example.test'] })
    assert.doesNotMatch(content, /^Bcc/im)
    assert.match(content, /Hello\r\n\.\r\nBob/)
  })

  it('treats an address as one, not as a list', async () => {
    const { urlOf, taken } = await smtpServer()
    await sent(urlOf(), 'bob@example.test, eve@example.test').catch(() => {})
    assert.deepEqual(
      taken.flatMap(({ to }) => to).filter((address) => address.startsWith('eve')),
      [],
    )
  })

  it('writes files that only the user of the process can read, without a server', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'outbox-'))
    after(() => rm(parent, { recursive: true }))
    const outboxDirectory = join(parent, 'deep', 'outbox')
    const delivery = await createMailer({ outboxDirectory, from, fromName: 'Acme, Söhne' })?.send(mail)
    const [name = ''] = await readdir(outboxDirectory)
    const file = join(outboxDirectory, name)
    assert.deepEqual(delivery, { kind: 'written', file })
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.equal((await stat(outboxDirectory)).mode & 0o777, 0o700)
    const text = await readFile(file, 'utf8')
    assert.match(text, /^To: bob@example\.test\r?$/m)
    assert.match(text, /^From: =\?UTF-8\?Q\?Acme=2C_S=C3=B6hne\?= <no-reply@example\.test>\r?$/m)
    assert.match(text, /^Message-ID: <invitation\.1@example\.test>\r?$/m)
    assert.match(text, /^Content-Type: multipart\/alternative/m)
    assert.match(text, /Content-Type: text\/plain[\s\S]*Hello[\s\S]*Content-Type: text\/html[\s\S]*<p>Hello<\/p>/)
  })
})
