import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { mintKey } from '@daytona-auth/auth'
import { tcpProxy, waitFor } from '@daytona-auth/testing'
import { routesOf } from './routes.ts'
import { world } from './world.ts'

/** The time limit of a request on a database that does not answer, with a margin for a busy machine. */
const BOUND_MS = 6000
const SLACK_MS = 4000

const { url, request, person, anotherApi } = await world({ after })
const network = await tcpProxy({ after }, url)
const api = await anotherApi({ DATABASE_URL: network.url, REQUESTS_PER_MINUTE: '100000' })
const ada = await person()
const organization = await ada.organization()
const { value: token } = await ada.token()
const { value: key } = await ada.key(organization, ['admin:organization', 'write:sandboxes', 'read:sandboxes'])
const document = (await request('GET', '/openapi.json')).body as Document
const routes = routesOf(await request('GET', '/openapi.json'))

/** Routes that answer without the database: the caller is cached, or the route is public. */
const NEEDS_NO_DATABASE = new Set([
  'GET /config',
  'GET /health',
  'GET /users/me',
  'GET /forward-auth',
  'GET /openapi.json',
  'GET /shared-regions',
  'GET /.well-known/oauth-protected-resource',
])

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly items?: Schema
  readonly minItems?: number
  readonly minimum?: number
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly example?: unknown
  readonly examples?: readonly unknown[]
}

interface Operation {
  readonly requestBody?: { readonly content: Record<string, { schema: Schema }> }
  readonly parameters?: readonly Parameter[]
}

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly schema: Schema
}

interface Document {
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: Record<string, Schema> }
}

/** Returns a minimal value that fits a schema of the document. `name` determines the format of text. */
function sampleOf(schema: Schema, name = ''): unknown {
  if (schema.$ref !== undefined) return sampleOf(document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {})
  const [given] = schema.examples ?? []
  if (given ?? schema.example ?? schema.const) return given ?? schema.example ?? schema.const
  if (schema.enum) return schema.enum[0]
  const [variant] = schema.anyOf ?? schema.oneOf ?? schema.allOf ?? []
  if (variant) return sampleOf(variant, name)
  switch ([schema.type].flat()[0]) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((each) => [each, sampleOf(schema.properties?.[each] ?? {}, each)]),
      )
    case 'array':
      return Array.from({ length: Math.max(1, schema.minItems ?? 0) }, () => sampleOf(schema.items ?? {}, name))
    case 'integer':
    case 'number':
      return schema.minimum ?? 1
    case 'boolean':
      return true
    default:
      if (/email/i.test(name)) return 'grace@example.test'
      return /url/i.test(name)
        ? 'https://registry.example.test'
        : /uri/i.test(name)
          ? 'https://app.example.test/callback'
          : 'ada'
  }
}

const bodyOf = (method: string, template: string): unknown => {
  if (`${method} ${template}` === 'PATCH /users/me') return { name: 'Ada' } // no member is required, and an empty body changes nothing
  const content = document.paths[template]?.[method.toLowerCase()]?.requestBody?.content
  return content && sampleOf(content['application/json']?.schema ?? {})
}

/** Returns the query with the parameters that a route requires. */
function queryOf(method: string, template: string): string {
  const { parameters = [] } = document.paths[template]?.[method.toLowerCase()] ?? {}
  const required = parameters.filter((each) => each.in === 'query' && each.required === true)
  return `?${new URLSearchParams(required.map(({ name, schema }) => [name, String(sampleOf(schema, name))]))}`
}

/** Sends a request to every route concurrently. Returns the responses that were not a 503 with `Retry-After` in time. */
async function askAll(): Promise<string[]> {
  const answers = await Promise.all(
    routes.map(async ({ method, template, pathIn, access, takesOrganization }) => {
      const body = bodyOf(method, template)
      const credential = access === 'public' ? null : template === '/api-keys/current' ? key : token
      const askedAt = performance.now()
      const { status, headers, text } = await request(
        method,
        pathIn(organization) + queryOf(method, template),
        credential,
        {
          api,
          ...(takesOrganization && { organization }),
          ...(body !== undefined && { body }),
        },
      )
      const took = performance.now() - askedAt
      if (took > BOUND_MS + SLACK_MS) return `${method} ${template} took ${took} ms`
      if (status === 503 && headers.get('retry-after') !== null) return []
      return NEEDS_NO_DATABASE.has(`${method} ${template}`)
        ? []
        : `${method} ${template}: ${status} ${text.slice(0, 200)}`
    }),
  )
  return answers.flat()
}

describe('a database that hangs', () => {
  it(`is answered 503 within ${BOUND_MS} ms by each of ${routes.length} routes, which all recover afterwards`, async (t) => {
    await waitFor(async () => (await request('GET', '/users/me', token, { api })).status === 200)
    network.stall()
    t.after(() => network.pass())
    // The first requests reach their handlers, since the token is in the cache; the later ones do not.
    assert.deepEqual(await askAll(), [], 'while the caller is known')
    assert.deepEqual(await askAll(), [], 'when the caller has to be looked up')
    assert.equal((await request('GET', '/users/me', key, { api })).status, 503)
    network.cut()
    network.pass()
    await waitFor(async () => (await request('GET', '/health/ready', null, { api })).status === 200)
    await waitFor(async () => (await request('GET', '/organizations', token, { api })).status === 200)
    const made = await request('POST', '/api-keys', token, {
      api,
      organization,
      body: { name: 'afterwards', permissions: ['read:sandboxes'], expiresAt: null },
    })
    assert.equal(made.status, 201, made.text)
  })
})

describe('management work that waits for a lock', () => {
  it('blocks neither verification nor health, and times out', async (t) => {
    const { database, person: someone, request: ask } = await world(t)
    const owner = await someone()
    const home = await owner.organization()
    const { value: caller } = await owner.token()
    assert.equal((await ask('GET', '/users/me', caller)).status, 200)
    const locked = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const lock = database.$client.begin(async (tx) => {
      await tx`SELECT FROM organizations WHERE id = ${home} FOR UPDATE`
      locked.resolve()
      await release.promise
    })
    await locked.promise
    const waiting = Array.from({ length: 30 }, () =>
      ask('POST', `/organizations/${home}/roles`, caller, {
        body: { name: 'writer', description: '', permissions: ['read:sandboxes'] },
      }),
    )
    await waitFor(async () => {
      const [row] = await database.$client`SELECT count(*)::int AS n FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'daytona-auth api' AND wait_event_type = 'Lock'`
      return row?.['n'] === 10
    })
    assert.equal((await ask('GET', '/health/ready')).status, 200)
    assert.equal((await ask('GET', '/users/me', mintKey().key)).status, 401, 'an unknown key is looked up')
    const answers = await Promise.all(waiting)
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [503])
    for (const { headers } of answers) assert.ok(headers.get('retry-after'))
    release.resolve()
    await lock
  })
})
