import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { readKeyOptions } from './keys.ts'

const folder = await mkdtemp(join(tmpdir(), 'daytona-jwks-'))
after(() => rm(folder, { recursive: true }))

async function fileWith(text: string): Promise<string> {
  const path = join(folder, 'jwks.json')
  await writeFile(path, text)
  return path
}

describe('the options for the keys of an app', () => {
  const key = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }

  it('change nothing if there are none', async () => assert.deepEqual(await readKeyOptions({}), {}))

  it('send the keys of a file and nothing else of it', async () => {
    const jwks = await fileWith(JSON.stringify({ keys: [key], comment: 'of the server in Frankfurt' }))
    assert.deepEqual(await readKeyOptions({ jwks }), {
      tokenEndpointAuthMethod: 'private_key_jwt',
      jwks: { keys: [key] },
      jwksUri: null,
    })
  })

  it('send the URL of the keys', async () => {
    const jwksUri = 'https://app.example.com/jwks.json'
    assert.deepEqual(await readKeyOptions({ jwksUri }), {
      tokenEndpointAuthMethod: 'private_key_jwt',
      jwks: null,
      jwksUri,
    })
  })

  it('exclude each other', () => assert.rejects(readKeyOptions({ jwks: 'x', jwksUri: 'y' }), /either/))

  for (const text of ['', '-----BEGIN PRIVATE KEY-----', '[]', 'null', '{}', '{"keys":{}}', '{"kty":"EC"}']) {
    it(`refuse a file with ${text || 'nothing'}, and do not repeat it`, async () => {
      const jwks = await fileWith(text)
      await assert.rejects(readKeyOptions({ jwks }), { message: `${jwks} is not a JWK Set.` })
    })
  }

  it('refuse a file that does not exist', () =>
    assert.rejects(readKeyOptions({ jwks: join(folder, 'missing') }), /Cannot read/))
})
