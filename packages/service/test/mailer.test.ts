import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { createMailer } from '../src/index.ts'

const from = 'no-reply@example.test'
const mail = { to: 'bob@example.test', subject: 'Ünïcode, and\r\nBcc: eve@example.test', text: 'Hello\n.\nBob' }

/** An SMTP server as far as a client needs one, that keeps what it is sent. */
async function smtpServer({ refuses = false } = {}) {
  const commands: string[] = []
  let content = ''
  const server = createServer((socket) => {
    let inData = false
    socket.write('220 test\r\n')
    let rest = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      rest += chunk
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end)
        rest = rest.slice(end + 2)
        if (inData && line !== '.') content += `${line}\n`
        else if (inData) {
          inData = false
          socket.write('250 taken\r\n')
        } else {
          commands.push(line)
          inData = line === 'DATA'
          if (line === 'QUIT') socket.end('221 bye\r\n')
          else if (refuses && line.startsWith('RCPT')) socket.write('550 nobody here\r\n')
          else socket.write(inData ? '354 go on\r\n' : '250 ok\r\n')
        }
      }
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  after(() => server.close())
  const { port } = server.address() as AddressInfo
  return { url: `smtp://127.0.0.1:${port}`, port, commands, content: () => content }
}

describe('createMailer', () => {
  it('makes none without a server and without a folder', () => {
    assert.equal(createMailer({ from }), undefined)
  })

  it('fails, and says so, where the server is gone or refuses', async () => {
    const refusing = await smtpServer({ refuses: true })
    for (const smtpUrl of ['smtp://127.0.0.1:1', refusing.url]) {
      const mailer = createMailer({ smtpUrl, from })
      await assert.rejects(async () => mailer?.send(mail))
      mailer?.close()
    }
  })

  it('hands the mail to one person, whatever the subject says', async () => {
    const server = await smtpServer()
    const mailer = createMailer({ smtpUrl: server.url, from })
    assert.deepEqual(await mailer?.send(mail), { kind: 'sent' })
    mailer?.close()
    const envelope = server.commands.filter((line) => /^(?:MAIL|RCPT)/.test(line))
    assert.deepEqual(envelope, ['MAIL FROM:<no-reply@example.test>', 'RCPT TO:<bob@example.test>'])
    assert.doesNotMatch(server.content(), /^Bcc/im)
    assert.match(server.content(), /Hello\n\.\.\nBob/)
  })

  it('takes an address for one, not for a list', async () => {
    const server = await smtpServer()
    const mailer = createMailer({ smtpUrl: server.url, from })
    await mailer?.send({ ...mail, to: 'bob@example.test, eve@example.test' }).catch(() => {})
    mailer?.close()
    assert.deepEqual(
      server.commands.filter((line) => line.includes('eve@example.test>') && !line.includes('bob')),
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
