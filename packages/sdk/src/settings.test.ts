import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type DaytonaAuthOptions, settingsOf } from './settings.ts'

const apiUrl = 'https://auth.example.com'

describe('settingsOf', () => {
  for (const url of [
    'auth.example.com',
    'ftp://auth.example.com',
    'http://auth.example.com',
    'http://127.0.0.1.example.com',
    'https://me:secret@auth.example.com',
    'https://auth.example.com?key=secret',
    'https://auth.example.com#secret',
  ]) {
    it(`refuses ${url} and repeats nothing of it`, () => {
      assert.throws(
        () => settingsOf({ apiUrl: url }, {}),
        (error) => error instanceof TypeError && !error.message.includes('secret'),
      )
    })
  }

  for (const credential of ['', 'dta_secret\n', 'dta_secret dta_secret', 'dta_sécret']) {
    it(`refuses ${JSON.stringify(credential)} as a credential and does not repeat it`, async () => {
      const refusal = { name: 'TypeError', message: /^(?!.*s.cret)/s }
      assert.throws(() => settingsOf({ apiUrl, apiKey: credential }, {}), refusal)
      assert.throws(() => settingsOf({ apiUrl, accessToken: credential }, {}), refusal)
      if (credential) assert.throws(() => settingsOf({ apiUrl }, { DAYTONA_API_KEY: credential }), refusal)
      const later = settingsOf({ apiUrl, accessToken: () => credential }, {}).credential
      await assert.rejects(async () => later?.(), refusal)
    })
  }

  it('refuses two credentials', () => {
    assert.throws(() => settingsOf({ apiUrl, apiKey: 'a', accessToken: 'b' }, {}), TypeError)
  })

  it('refuses to guess where the server is', () => {
    assert.throws(() => settingsOf({}, { DAYTONA_API_URL: '' }), /DAYTONA_API_URL/)
  })

  const env = {
    DAYTONA_API_URL: 'https://env.example.com/api/',
    DAYTONA_API_KEY: 'env',
    DAYTONA_ORGANIZATION_ID: 'org_env',
  }
  const read = async (options: DaytonaAuthOptions, from: Record<string, string>) => {
    const { credential, ...settings } = settingsOf(options, from)
    return { ...settings, credential: await credential?.() }
  }

  it('reads from the environment what was not said', async () => {
    const inEnv = { apiUrl: 'https://env.example.com/api', credential: 'env', organizationId: 'org_env' }
    assert.deepEqual(await read({}, env), inEnv)
    assert.deepEqual(await read({ apiUrl, apiKey: 'own', organizationId: 'org_own' }, env), {
      apiUrl,
      credential: 'own',
      organizationId: 'org_own',
    })
    assert.deepEqual(await read({ accessToken: async () => 'token' }, env), { ...inEnv, credential: 'token' })
    const nothing = { apiUrl, credential: undefined, organizationId: undefined }
    assert.deepEqual(await read({ apiUrl }, { DAYTONA_API_KEY: '', DAYTONA_ORGANIZATION_ID: '' }), nothing)
  })

  it('sends nothing in clear beyond this machine, unless it was told to', async () => {
    for (const local of ['http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000']) {
      assert.equal((await read({ apiUrl: local }, {})).apiUrl, local)
    }
    const inside = { apiUrl: 'http://api:3000', allowInsecureHttp: true }
    assert.equal((await read(inside, {})).apiUrl, 'http://api:3000')
    assert.throws(() => settingsOf({ apiUrl: 'ftp://api', allowInsecureHttp: true }, {}), TypeError)
  })
})
