import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { world } from '../../../../test/world.ts'
import type { ReferenceDocument } from './document.ts'
import { samplesOf } from './samples.ts'

const { request, person } = await world({ after })
const ada = await person()
const organization = await ada.organization()
const { value: key } = await ada.key(organization, ['admin:organization'])

interface Received {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly authorization: string | undefined
  readonly type: string | undefined
  readonly body: string
}

/** Receives the requests of the samples. */
const received: Received[] = []
const server = createServer(async (incoming, response) => {
  const { method, url, headers } = incoming
  const body = await text(incoming)
  const { authorization, 'content-type': type } = headers
  received.push({ method, url, authorization, type, body: body === '' ? '' : JSON.stringify(JSON.parse(body)) })
  response.end('{}')
}).listen(0, '127.0.0.1')
after(() => server.close())
await once(server, 'listening')
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const document = (await request('GET', '/openapi.json')).body as ReferenceDocument
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    operation,
    samples: samplesOf(method, path, operation, origin),
  })),
)

const python = ['python3', '/usr/bin/python3'].find(
  (candidate) => spawnSync(candidate, ['-c', 'import requests']).status === 0,
)
const run = promisify(execFile)

/** Runs all samples of a language in one process, and returns what was received. */
async function runAll(label: string, program: string, ...args: string[]): Promise<readonly Received[]> {
  received.length = 0
  const texts = operations.map(({ samples }) => samples.find((sample) => sample.label === label)?.text ?? '')
  await run(program, [...args, texts.map((one) => (label === 'JavaScript' ? `{\n${one}\n}` : one)).join('\n')])
  return [...received]
}

const curl = await runAll('curl', 'bash', '-euc')

describe('a sample of the reference', () => {
  it('is the same request in JavaScript as by curl, for every operation', async () => {
    assert.equal(curl.length, operations.length)
    assert.deepEqual(await runAll('JavaScript', process.execPath, '--input-type=module', '--eval'), curl)
  })

  it('is the same request in Python', {
    skip: python === undefined && !process.env['CI'] && 'not installed: python3 with requests',
  }, async () => {
    assert.deepEqual(await runAll('Python', python ?? 'python3', '-c'), curl)
  })

  for (const [index, { operation }] of operations.entries()) {
    // Streams do not end.
    if (operation.operationId === 'streamEvents') continue
    it(`of ${operation.operationId} is a request that the API understands`, async () => {
      const { method = '', url = '', authorization, body } = curl[index] ?? { body: '' }
      assert.equal(authorization, operation.security.length > 0 ? 'Bearer YOUR_API_KEY' : undefined)
      const answer = await request(method, url, authorization === undefined ? null : key, {
        ...(body !== '' && { body: JSON.parse(body) }),
      })
      // Whether the things of the examples exist, or need a person, depends on the server and on the credential.
      assert.ok([200, 201, 204, 403, 404, 409].includes(answer.status), `${answer.status} ${answer.text}`)
      if (answer.status === 403) assert.deepEqual(operation.security, [{ oauth2: ['openid'] }])
      assert.notEqual(answer.headers.get('x-error-code'), 'not_found')
    })
  }
})
