import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type DaytonaAuthOptions, resolveSettings } from './settings.ts'

const apiUrl = 'https://auth.example.com'

describe('resolveSettings', () => {
  for (const url of [
    'auth.example.com',
    'ftp://auth.example.com',
    'http://auth.example.com',
    'http://127.0.0.1.example.com',
    'https://me:secret@auth.example.com',
    'https://auth.example.com?key=secret',
    'https://auth.example.com#secret',
  ]) {
    it(`rejects ${url} without quoting it`, () => {
      assert.throws(
        () => resolveSettings({ apiUrl: url }, {}),
        (error) => error instanceof TypeError && !error.message.includes('secret'),
      )
    })
  }

  for (const credential of ['', 'dta_secret\n', 'dta_secret dta_secret', 'dta_sécret']) {
    it(`refuses ${JSON.stringify(credential)} as a credential without quoting it`, async () => {
      const denial = { name: 'TypeError', message: /^(?!.*s.cret)/s }
      assert.throws(() => resolveSettings({ apiUrl, apiKey: credential }, {}), denial)
      assert.throws(() => resolveSettings({ apiUrl, accessToken: credential }, {}), denial)
      const inside = credential.replace('\n', '\n_')
      if (credential) assert.throws(() => resolveSettings({ apiUrl }, { DAYTONA_API_KEY: inside }), denial)
      const later = resolveSettings({ apiUrl, accessToken: () => credential }, {}).credential
      await assert.rejects(async () => later?.(), denial)
    })
  }

  const limits = { maxRetries: 2, maxRetryAfterSeconds: 30, timeoutMs: 60_000 }
  for (const name of Object.keys(limits)) {
    it(`rejects a ${name} outside its limits`, () => {
      for (const value of [Number.NaN, -1, Number.POSITIVE_INFINITY, 2 ** 31, '5', null, 1n]) {
        assert.throws(
          () => resolveSettings({ apiUrl, [name]: value }, {}),
          ({ name: type, message }) => type === 'TypeError' && message.startsWith(name),
          String(value),
        )
      }
    })
  }

  it('rejects fractional retries, a zero timeout, an invalid fetch and an organization that is not valid in a header', () => {
    for (const options of [
      { maxRetries: 1.5 },
      { timeoutMs: 0 },
      { fetch: 'fetch' },
      { organizationId: '' },
      { organizationId: 'org_\r\nX-Other: 1' },
      { organizationId: 'örg' },
    ]) {
      assert.throws(
        () => resolveSettings({ apiUrl, ...(options as DaytonaAuthOptions) }, {}),
        TypeError,
        JSON.stringify(options),
      )
    }
  })

  it('trims variables', async () => {
    const {
      credential,
      apiUrl: url,
      organizationId,
    } = resolveSettings(
      {},
      {
        DAYTONA_API_URL: ' https://env.example.com\n',
        DAYTONA_API_KEY: '\tdta_key\r\n',
        DAYTONA_ORGANIZATION_ID: 'org_env\n',
      },
    )
    assert.deepEqual([url, await credential?.(), organizationId], ['https://env.example.com', 'dta_key', 'org_env'])
  })

  it('rejects two credentials', () => {
    assert.throws(() => resolveSettings({ apiUrl, apiKey: 'a', accessToken: 'b' }, {}), TypeError)
  })

  it('requires a server', () => {
    assert.throws(() => resolveSettings({}, { DAYTONA_API_URL: '' }), /DAYTONA_API_URL/)
  })

  const env = {
    DAYTONA_API_URL: 'https://env.example.com/api/',
    DAYTONA_API_KEY: 'env',
    DAYTONA_ORGANIZATION_ID: 'org_env',
  }
  const read = async (options: DaytonaAuthOptions, from: Record<string, string>) => {
    const { credential, apiUrl, organizationId } = resolveSettings(options, from)
    return { apiUrl, organizationId, credential: await credential?.() }
  }

  it('reads missing options from the environment', async () => {
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

  it('requires https beyond this machine, unless allowInsecureHttp is set', async () => {
    for (const local of ['http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000']) {
      assert.equal((await read({ apiUrl: local }, {})).apiUrl, local)
    }
    const inside = { apiUrl: 'http://api:3000', allowInsecureHttp: true }
    assert.equal((await read(inside, {})).apiUrl, 'http://api:3000')
    assert.throws(() => resolveSettings({ apiUrl: 'ftp://api', allowInsecureHttp: true }, {}), TypeError)
  })
})
