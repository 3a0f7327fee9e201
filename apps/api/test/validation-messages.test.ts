import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { compileValidator } from '@daytona-auth/service'
import * as z from 'zod'
import { collectRoutes } from './registered-routes.ts'
import { world } from './world.ts'

const { registered } = collectRoutes({ after })
const { request, person } = await world({ after })
const ada = await person()
const organization = await ada.organization()
const { value: token } = await ada.token()

const parts = registered.flatMap(({ method, url, schema }) =>
  (['body', 'querystring', 'params'] as const).flatMap((part) => {
    const given = schema?.[part]
    if (method === 'HEAD' || !(given instanceof z.ZodType)) return []
    return [{ name: `${part} of ${String(method)} ${url}`, schema: given }]
  }),
)

/** Values of every kind that JSON and queries have. */
const VALUES = [null, true, 7, -1, 1.5, 1e300, '', 'x', 'x'.repeat(100_000), [], ['x'], [7], {}, { x: 7 }]

/** The start of every message: what a member must be or have, or what it is or has. */
const PLAIN = /^(?:must (?:be|have|name|not|contain|start|end|use|match)\b|is\b|has\b|unknown member\b|cannot\b)/
/** What zod's own messages have. */
const RAW =
  /invalid (?:input|option|string|number|key|value|iso)|expected|received|too (?:big|small)|unrecognized|undefined/i

/** The schemas within a schema, with a function that puts a value in the place of each. */
function* membersOf(schema: z.core.$ZodType): Generator<(value: unknown) => unknown> {
  const { def } = (schema as z.core.$ZodTypes)._zod
  yield (value) => value
  if (def.type === 'object') {
    for (const [name, member] of Object.entries(def.shape)) {
      for (const put of membersOf(member)) yield (value) => ({ [name]: put(value) })
    }
  } else if (def.type === 'array') {
    for (const put of membersOf(def.element)) yield (value) => [put(value)]
  } else if (def.type === 'record') {
    for (const put of membersOf(def.valueType)) yield (value) => ({ member: put(value) })
  } else if (def.type === 'pipe') {
    const isPreprocessed = (def.in as z.core.$ZodTypes)._zod.def.type === 'transform'
    yield* membersOf(isPreprocessed ? def.out : def.in)
  } else if ('innerType' in def) yield* membersOf(def.innerType)
}

function messagesOf(schema: z.ZodType, value: unknown): string[] {
  const result = compileValidator(schema)(value)
  // Fastify types the list of problems as an error.
  return result.error === undefined ? [] : (result.error as unknown as { message: string }[]).map((one) => one.message)
}

it('covers the bodies and queries of every route', () => {
  assert.ok(parts.length > 80, String(parts.length))
  const members = parts.reduce((sum, { schema }) => sum + [...membersOf(schema)].length, 0)
  assert.ok(members > 300, String(members))
})

describe('a message about an invalid member', () => {
  for (const { name, schema } of parts) {
    it(`is in plain words: ${name}`, () => {
      const messages = new Set([{}, undefined, 'x', 7, null, []].flatMap((value) => messagesOf(schema, value)))
      for (const put of membersOf(schema)) {
        for (const value of VALUES) for (const message of messagesOf(schema, put(value))) messages.add(message)
      }
      for (const message of messages) {
        assert.match(message, PLAIN)
        assert.doesNotMatch(message, RAW)
        assert.ok(message.length < 300 && !message.includes('xxx'), message)
      }
    })
  }

  it('states what is accepted', async () => {
    const details = async (method: string, path: string, body?: unknown) => {
      const answer = await request(method, path, token, { organization, ...(body !== undefined && { body }) })
      assert.equal(answer.status, 400, answer.text)
      const { details: all } = answer.body as { details: { path: string; message: string }[] }
      return all.map(({ path: at, message }) => `${at} ${message}`)
    }
    assert.deepEqual(await details('POST', '/api-keys', {}), ['name is required', 'permissions is required'])
    assert.deepEqual(await details('POST', '/api-keys', { name: 7, permissions: 'x' }), [
      'name must be text',
      'permissions must be a list',
    ])
    const [permission] = await details('POST', '/api-keys', { name: 'x', permissions: ['read'] })
    assert.match(
      permission ?? '',
      /^permissions\.0 must be one of read:sandboxes, write:sandboxes, .*, admin:organization$/,
    )
    assert.deepEqual(await details('POST', '/api-keys', { name: 'x'.repeat(600), permissions: ['read:volumes'] }), [
      'name must be at most 128 characters',
    ])
    assert.deepEqual(
      await details('POST', '/api-keys', { name: 'x', permissions: ['read:volumes'], expires_at: null }),
      ['body unknown member expires_at; did you mean expiresAt?'],
    )
    const trail = `/audit/organizations/${organization}`
    for (const limit of ['0', '201', '1.5', 'ten']) {
      assert.deepEqual(await details('GET', `${trail}?limit=${limit}`), ['limit must be a whole number from 1 to 200'])
    }
    assert.deepEqual(await details('POST', '/sandbox', { cpu: -1, labels: { a: 7 }, public: 'yes' }), [
      'public must be true or false',
      'cpu must be a number from 0 to 1000000',
      'labels.* must be text',
    ])
  })
})
