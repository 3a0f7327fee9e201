import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { ConfigError, type Environment } from '@daytona-auth/service'
import { loadProviderVariables } from './load-provider.ts'
import { loadUpstreams, upstreamShapeOf } from './upstream.ts'

const SECRET = 'correct-horse-battery'
const ACME = {
  UPSTREAM_ACME_ISSUER: 'https://login.acme.example',
  UPSTREAM_ACME_CLIENT_ID: 'daytona',
  UPSTREAM_ACME_CLIENT_SECRET: SECRET,
}
const GUIDE = join(import.meta.dirname, '../../../apps/api/src/features/docs/guides/sign-in-elsewhere.md')
const folder = mkdtempSync(join(tmpdir(), 'upstream-'))
after(() => rmSync(folder, { recursive: true }))

function problems(env: Environment, load: (env: Environment) => unknown = loadUpstreams): readonly string[] {
  try {
    load(env)
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    assert.doesNotMatch(error.message, new RegExp(SECRET))
    return error.problems
  }
}

describe('the variables of upstream providers', () => {
  it('are refused if one is missing', () => {
    assert.deepEqual(problems({ UPSTREAM_ACME_LABEL: 'Acme' }), [
      'UPSTREAM_ACME_ISSUER is required, such as https://accounts.example.com',
      'UPSTREAM_ACME_CLIENT_ID is required',
      'UPSTREAM_ACME_CLIENT_SECRET is required: make one with openssl rand -hex 32, and keep it',
    ])
  })

  it('are refused if a name is mistyped, of another kind of provider, or too long', () => {
    for (const name of [
      'UPSTREAM_ACME_CLIENTID',
      'UPSTREAM_ISSUER',
      'UPSTREAM__ISSUER',
      'UPSTREAM_acme_ISSUER',
      'UPSTREAM_1_ISSUER',
      'UPSTREAM_ACME__ISSUER',
      'UPSTREAM_ACME_URL',
      'UPSTREAM_GITHUB_ISSUER',
      'UPSTREAM_GITHUB_SCOPES',
      'UPSTREAM_GITHUB_TRUST_MFA',
      'UPSTREAM_GITHUB_SIGN_OUT',
      `UPSTREAM_${'A'.repeat(33)}_ISSUER`,
    ]) {
      assert.deepEqual(problems({ ...ACME, [name]: 'x' }), [`${name} is not a variable of an upstream provider`])
    }
  })

  it('are refused with an issuer that is not https, except on loopback', () => {
    for (const issuer of [
      'http://login.acme.example',
      'acme',
      'https://u:p@acme.example',
      'https://acme.example?x',
      'ftp://localhost',
    ]) {
      assert.match(problems({ ...ACME, UPSTREAM_ACME_ISSUER: issuer }).join(), /^UPSTREAM_ACME_ISSUER must be/, issuer)
    }
    for (const issuer of ['http://localhost:3000', 'http://127.0.0.1:3000/realms/a', 'https://acme.example/a/']) {
      assert.equal(loadUpstreams({ ...ACME, UPSTREAM_ACME_ISSUER: issuer })[0]?.issuer, issuer)
    }
  })

  it('are refused with scopes that lack openid, or a label with markup', () => {
    for (const scopes of ['email', 'email openid', 'openid  email', 'openid "x"']) {
      assert.match(problems({ ...ACME, UPSTREAM_ACME_SCOPES: scopes }).join(), /SCOPES must be scopes/)
    }
    for (const label of ['<b>', '.', 'x'.repeat(41), 'a\u202eb']) {
      assert.match(problems({ ...ACME, UPSTREAM_ACME_LABEL: label }).join(), /LABEL must be a name/)
    }
  })

  it('are refused together with those of the provider, in one error', () => {
    const found = problems({ ...ACME, UPSTREAM_ACME_ISSUER: 'x' }, loadProviderVariables)
    assert.ok(found.some((problem) => problem.startsWith('UPSTREAM_ACME_ISSUER must be')))
    assert.ok(found.some((problem) => problem.startsWith('DATABASE_URL is required')))
  })

  it('name a provider for pages and URLs, with defaults', () => {
    const env = Object.fromEntries(
      Object.entries(ACME).map(([name, value]) => [name.replace('ACME', 'ACME_EU'), value]),
    )
    assert.deepEqual(loadUpstreams(env), [
      {
        name: 'acme-eu',
        kind: 'openid',
        label: 'Acme Eu',
        issuer: 'https://login.acme.example',
        clientId: 'daytona',
        clientSecret: SECRET,
        scopes: ['openid', 'email', 'profile'],
        trustsMfa: false,
        signsOut: false,
      },
    ])
    assert.deepEqual(loadUpstreams({}), [])
  })

  it('trust the factors of a provider only if they say so', () => {
    for (const text of ['1', 'yes', 'TRUE']) {
      assert.match(
        problems({ ...ACME, UPSTREAM_ACME_TRUST_MFA: text }).join(),
        /^UPSTREAM_ACME_TRUST_MFA must be/,
        text,
      )
    }
    assert.equal(loadUpstreams({ ...ACME, UPSTREAM_ACME_SIGN_OUT: 'true' })[0]?.signsOut, true)
    assert.equal(loadUpstreams({ ...ACME, UPSTREAM_ACME_TRUST_MFA: 'true' })[0]?.trustsMfa, true)
    assert.equal(loadUpstreams({ ...ACME, UPSTREAM_ACME_TRUST_MFA: 'false' })[0]?.trustsMfa, false)
  })

  it('are those that the guide shows', () => {
    const guide = readFileSync(GUIDE, 'utf8')
    const [, block = ''] = /```sh\n((?:UPSTREAM_\w+=.*\n)+)```/.exec(guide) ?? []
    const path = join(folder, 'guide-secret')
    writeFileSync(path, SECRET)
    const shown = Object.fromEntries(
      [...block.matchAll(/^(\w+)='?(.*?)'?$/gm)].map(([, name, value]) => [
        name,
        value?.replace('/run/secrets/acme', path),
      ]),
    )
    const [upstream] = loadUpstreams(shown)
    assert.deepEqual([upstream?.name, upstream?.label, upstream?.clientSecret], ['acme', 'Acme Corp', SECRET])
    const [, redirect] = /\/oauth\/upstream\/(\w+)\/callback/.exec(guide) ?? []
    assert.equal(redirect, upstream?.name)
    const names = new Set(guide.match(/\bUPSTREAM_[A-Z_]+[A-Z]\b/g))
    assert.ok(names.size > 5)
    for (const name of names) {
      assert.ok(!problems({ [name]: 'x' }).includes(`${name} is not a variable of an upstream provider`), name)
    }
  })

  it('may be in files', () => {
    const path = join(folder, 'secret')
    writeFileSync(path, `${SECRET}\n`)
    const { UPSTREAM_ACME_CLIENT_SECRET: _, ...rest } = ACME
    const env = { ...rest, UPSTREAM_ACME_CLIENT_SECRET_FILE: path }
    assert.equal(loadUpstreams(env)[0]?.clientSecret, SECRET)
    assert.ok('UPSTREAM_ACME_CLIENT_SECRET' in upstreamShapeOf(env))
  })

  it('of GitHub need only the client', () => {
    const env = { UPSTREAM_GITHUB_CLIENT_ID: 'a', UPSTREAM_GITHUB_CLIENT_SECRET: SECRET }
    assert.partialDeepStrictEqual(loadUpstreams(env), [
      { name: 'github', kind: 'github', label: 'GitHub', issuer: 'https://github.com' },
    ])
    const enterprise = loadUpstreams({ ...env, UPSTREAM_GITHUB_URL: 'https://git.acme.example/' })
    assert.equal(enterprise[0]?.issuer, 'https://git.acme.example')
  })
})
