import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { type BoundsReport, examineBounds } from '@daytona-auth/service/unbounded'
import * as z from 'zod'
import { collectRoutes } from './registered-routes.ts'
import { world } from './world.ts'

type Bounded = BoundsReport['bounded'][number]
type Part = (typeof PARTS)[number]

const PARTS = ['body', 'querystring', 'params', 'headers'] as const

const { registered } = collectRoutes({ after })
const { request, person, log } = await world({ after })
const ada = await person()
const organization = await ada.organization()
const { value: token } = await ada.token()

const parts = registered.flatMap(({ method, url, schema, config }) =>
  [method].flat().flatMap((one) =>
    PARTS.flatMap((part) => {
      const given = schema?.[part]
      if (one === 'HEAD' || !(given instanceof z.ZodType)) return []
      return [{ method: one, url, part, schema: given, config }]
    }),
  ),
)

/** Longer than any denial or log line, and much shorter than the input. */
const SMALL = 8 * 1024

it('covers members of every kind', () => {
  const kinds = parts.flatMap(({ part, schema }) => examineBounds(schema).bounded.map(({ kind }) => `${part} ${kind}`))
  assert.ok(kinds.length > 150, `only ${kinds.length} members`)
  const expected = [
    'body string',
    'body array',
    'body record',
    'querystring string',
    'querystring array',
    'params string',
  ]
  assert.deepEqual(
    expected.filter((kind) => !kinds.includes(kind)),
    [],
  )
})

it('has a schema for the path of every route that has a parameter', () => {
  const without = registered.filter(({ url, schema }) => url.includes(':') && !(schema?.params instanceof z.ZodType))
  assert.deepEqual(
    without.map(({ url }) => url),
    [],
  )
})

for (const { method, url, part, schema } of parts) {
  describe(`${part} of ${method} ${url}`, () => {
    const { unbounded, bounded } = examineBounds(schema)

    it('has a maximum for every member', () => assert.deepEqual(unbounded, []))

    for (const member of bounded.filter(({ path }) => !path.endsWith('{name}'))) {
      it(`refuses a longer ${member.path} with a short response`, async () => {
        const answer = await send({ method, url, part }, member)
        // A path outside the credential's access is a 404 before it is validated.
        if (part === 'params' && answer.status === 404) return
        assert.equal(answer.status, 400, answer.text.slice(0, 200))
        assert.ok(answer.text.length < SMALL, `${answer.text.length} characters`)
        const { details } = answer.body as { details: { path: string; message: string }[] }
        const path = member.path.replaceAll('[]', '.0').replaceAll('{}', '.*')
        const messages = details.filter((detail) => detail.path === path).map(({ message }) => message)
        assert.match(messages.join(), /^must (?:be at most \d+ characters|have at most \d+ (?:items|members))$/)
      })
    }

    it('refuses 250,000 items and 80,000 unknown members with a short response', async () => {
      if (part !== 'body') return
      for (const { path, kind } of bounded) {
        if (kind !== 'array' || path.includes('[')) continue
        const answer = await request(method, at(url), token, { organization, body: manyItems(path) })
        assert.equal(answer.status, 400)
        assert.ok(answer.text.length < SMALL, `${answer.text.length} characters`)
      }
      const answer = await request(method, at(url), token, { organization, body: MANY_MEMBERS })
      assert.ok(answer.status < 500)
      assert.ok(answer.text.length < SMALL, `${answer.text.length} characters`)
    })
  })
}

const withHeader = registered.flatMap(({ method, url, config }) =>
  [method].flat().flatMap((one) => {
    // `/auth/verify` has the same handler for every method.
    const isUsual = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(one)
    const isRead = config?.organization === 'header' || config?.organization === 'path'
    return isRead && isUsual ? [{ method: one, url, config }] : []
  }),
)

describe(`X-Daytona-Organization-ID of more than 128 characters (${withHeader.length} routes)`, () => {
  it('covers routes of both kinds', () => assert.ok(withHeader.length > 50, String(withHeader.length)))

  for (const { method, url, config } of withHeader) {
    it(`is refused with a short response by ${method} ${url}`, async () => {
      const ask = (length: number) =>
        request(method, at(url), token, {
          organization: 'o'.repeat(length),
          ...(['POST', 'PUT', 'PATCH'].includes(method) && { body: {} }),
        })
      const [longest, longer, longestOfAll] = [await ask(128), await ask(129), await ask(12_000)]
      const isForProxies = config?.rewordDenial !== undefined
      const expected = 'X-Daytona-Organization-ID header must be at most 128 characters'
      for (const { status, body, text } of [longer, longestOfAll]) {
        assert.deepEqual([status, (body as { error: string }).error], [isForProxies ? 403 : 400, expected])
        assert.ok(text.length < 200, text)
      }
      assert.notEqual((longest.body as { error: string }).error, expected)
      assert.ok(longest.status >= 400 && longest.status < 500)
    })
  }
})

const withQueryMembers = registered.filter(({ config }) => config?.queryMembers !== undefined)

it('has bounds for the query of every route that reads it in the guard', () => {
  assert.ok(withQueryMembers.length > 0)
  const unbounded = registered.filter(({ config }) => config?.requiredPermissions && !config.queryMembers)
  assert.deepEqual(unbounded, [])
})

for (const { url, config } of withQueryMembers) {
  for (const [name, { maxValues, maxLength }] of Object.entries(config?.queryMembers ?? {})) {
    const ask = (values: readonly string[], credential: string | null) =>
      request('GET', `${url}?${new URLSearchParams(values.map((value) => [name, value]))}`, credential, {
        organization,
      })
    const beyond = {
      'a longer value': ['x'.repeat(maxLength + 1)],
      'a longer value among others': ['x', 'x'.repeat(maxLength + 1)],
      'a value of 12,000 characters': ['x'.repeat(12_000)],
      'more values': Array.from({ length: maxValues + 1 }, () => 'read:sandboxes'),
    }
    for (const [what, values] of Object.entries(beyond)) {
      it(`${url} refuses ${what} of ${name} with a short response, and reads none`, async () => {
        for (const credential of [token, null]) {
          const { status, text, headers } = await ask(values, credential)
          assert.equal(status, 401)
          assert.ok(text.length < 200, text)
          assert.doesNotMatch(headers.get('www-authenticate') ?? '', /scope=/)
        }
      })
    }
    it(`${url} reads values of ${name} up to the maximum number and length`, async () => {
      assert.equal(
        (
          await ask(
            Array.from({ length: maxValues }, () => 'read:sandboxes'),
            token,
          )
        ).status,
        200,
      )
      assert.equal((await ask(['x'.repeat(maxLength)], token)).status, 403)
    })
  }
}

it('logs only short lines', () => {
  const longest = Math.max(...log.lines().map((line) => JSON.stringify(line).length))
  assert.ok(longest < 2 * SMALL, `a line of ${longest} characters`)
})

const at = (url: string) => url.replace(':organizationId', organization).replaceAll(/:\w+/g, 'none')

/** Text that is slow to normalize: a letter with marks of two classes in turn. */
const slow = (length: number) => `a${'\u0301'.repeat(length / 2)}${'\u0334'.repeat(length / 2)}`.padEnd(length, 'a')

function longValue({ kind, max }: Bounded, isInUrl: boolean): unknown {
  if (kind === 'string') return isInUrl ? 'a'.repeat(max + 1) : slow(max + 1)
  if (kind === 'array') return Array.from({ length: max + 1 }, () => (isInUrl ? 'a' : 0))
  return Object.fromEntries(Array.from({ length: max + 1 }, (_, n) => [`m${n}`, 0]))
}

/** Sends one member longer than its maximum, and nothing else. */
function send({ method, url, part }: { method: string; url: string; part: Part }, member: Bounded) {
  const value = longValue(member, part !== 'body')
  if (part === 'body') return request(method, at(url), token, { organization, body: nested(member.path, value) })
  const body = ['POST', 'PUT', 'PATCH'].includes(method) ? { body: {} } : {}
  if (part === 'params') {
    return request(method, at(url.replace(`:${member.path}`, String(value))), token, { organization, ...body })
  }
  if (part === 'headers') {
    return request(method, at(url), token, { organization, ...body, headers: { [member.path]: String(value) } })
  }
  const [name = '', ...operators] = member.path.replace('[]', '').split('.')
  const parameter = operators.length === 0 ? name : `${name}[${operators.join('][')}]`
  const query = new URLSearchParams([value].flat().map((one) => [parameter, String(one)]))
  return request(method, `${at(url)}?${query}`, token, { organization, ...body })
}

/** `volumes[].volumeId` as `{ volumes: [{ volumeId: value }] }`. */
function nested(path: string, value: unknown): unknown {
  if (path === '') return value
  const [, name = '', array, record, rest = ''] = /^\.?(\w+)(\[\])?(\{\})?(.*)$/.exec(path) ?? []
  const inner = nested(rest, value)
  return { [name]: array ? [inner] : record ? { member: inner } : inner }
}

const manyItems = (path: string) => JSON.stringify(nested(path, Array(250_000).fill(0)))

const MANY_MEMBERS = JSON.stringify(Object.fromEntries(Array.from({ length: 80_000 }, (_, n) => [`m${n}`, 0])))
