import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { fastify } from 'fastify'
import * as z from 'zod'
import { isPage, listPages, PageQuery, pageOf, pageQuery } from '../src/http/list-pages.ts'
import { LISTS, type List } from './lists.ts'
import { collectRoutes } from './registered-routes.ts'
import { world } from './world.ts'

const { registered } = collectRoutes({ after })
const surroundings = await world({ after }, { REQUESTS_PER_MINUTE: '1000000' })
const { request, person } = surroundings

/** By method and URL: routes that return a page, as an array or in an object. */
const routes = registered.flatMap(({ method, url, schema }) => {
  const responses = Object.values((schema?.response ?? {}) as Record<string, unknown>)
  const isList = responses.some(isPage) || shapeOf(schema?.querystring)['cursor'] === pageQuery.cursor
  return isList ? [method].flat().map((one) => `${one} ${url}`) : []
})
const names = [...new Set(routes)].filter((name) => !name.startsWith('HEAD'))

function shapeOf(schema: unknown): Readonly<Record<string, unknown>> {
  return schema instanceof z.ZodObject ? schema.shape : {}
}

const ROWS = 7

interface Answered {
  readonly status: number
  readonly ids: readonly string[]
  readonly next: string | undefined
  readonly headers: Headers
  readonly text: string
}

/** A list of a new person with some rows. */
async function listOf(name: string): Promise<{ list: List; get: (path?: string) => Promise<Answered> }> {
  const owner = await person('Owner')
  const organization = await owner.organization()
  const { value } = await owner.token()
  const make = LISTS[name]
  assert.ok(make, `no list for ${name}: add one to test/lists.ts`)
  const list = await make(surroundings, owner, value, organization)
  for (let row = 0; row < ROWS; row += 1) await list.add()
  const get = async (path = list.path): Promise<Answered> => {
    const [method = ''] = name.split(' ')
    const asked = list.organization === undefined ? {} : { organization: list.organization }
    const { status, headers, body, text } = await request(method, path, list.credential, asked)
    const items = (Array.isArray(body) ? body : (body as { items?: unknown[] }).items) ?? []
    const ids = items.map((item) => (item as Record<string, string>)[list.idMember ?? 'id'] ?? '')
    return { status, headers, text, ids, next: nextOf(headers, path) }
  }
  // The API learns of a new organization by a notification.
  await waitFor(async () => (await get()).ids.length >= ROWS)
  return { list, get }
}

/** Returns the target of the Link header, resolved by RFC 8288 §3.1. */
function nextOf(headers: Headers, path: string): string | undefined {
  const link = headers.get('link')
  if (link === null) return undefined
  const [, target] = /^<(\?[!-;=?-~]+)>; rel="next"$/.exec(link) ?? []
  assert.ok(target, link)
  const { pathname, search } = new URL(target, new URL(path, 'http://api.example.test/api/'))
  return pathname + search
}

const withQuery = (path: string, query: string) => `${path}${path.includes('?') ? '&' : '?'}${query}`

async function walk(first: string, get: (path: string) => Promise<Answered>, between?: (page: Answered) => unknown) {
  const pages: (readonly string[])[] = []
  for (let path: string | undefined = first; path !== undefined; ) {
    const page: Answered = await get(path)
    assert.equal(page.status, 200, page.text)
    pages.push(page.ids)
    await between?.(page)
    path = page.next
    assert.ok(pages.length < 100)
  }
  return pages
}

it('has a list for every route that returns one, and a route for every list', () => {
  assert.deepEqual([...names].sort(), Object.keys(LISTS).sort())
  assert.ok(names.length >= 13)
})

for (const name of names) {
  describe(name, async () => {
    it('has every row once and in order for every page size, and no link on the last page', async () => {
      const { list, get } = await listOf(name)
      const whole = await get()
      assert.equal(whole.next, undefined)
      assert.equal(new Set(whole.ids).size, whole.ids.length)
      for (let size = 1; size <= whole.ids.length + 1; size += 1) {
        const pages = await walk(withQuery(list.path, `limit=${size}`), get)
        assert.deepEqual(pages.flat(), whole.ids)
        assert.equal(pages.length, Math.ceil(whole.ids.length / size))
        assert.ok(pages.every(({ length }) => length <= size))
      }
    })

    it('has unchanged rows once and in order while others are inserted and deleted between pages', async () => {
      const { list, get } = await listOf(name)
      const before = (await get()).ids
      const seen: string[] = []
      const removed = new Set<string>()
      const pages = await walk(withQuery(list.path, 'limit=2'), get, async ({ ids }) => {
        seen.push(...ids)
        if (seen.length > before.length) return
        await list.add()
        // The first row of the next page, and one after it.
        for (const id of [ids.at(-1), before.filter((one) => !seen.includes(one))[1]]) {
          if (id === undefined) continue
          removed.add(id)
          await list.remove(id)
        }
      })
      const read = pages.flat()
      assert.equal(new Set(read).size, read.length)
      const kept = before.filter((id) => !removed.has(id))
      assert.deepEqual(
        read.filter((id) => kept.includes(id)),
        kept,
      )
    })

    it('refuses invalid limits, and cursors of other lists', async () => {
      const { list, get } = await listOf(name)
      const cursorAt = async (from: typeof get, path: string) => {
        const { next } = await from(withQuery(path, 'limit=2'))
        const cursor = new URL(next ?? '', 'http://api.example.test').searchParams.get('cursor')
        assert.ok(cursor, path)
        return cursor
      }
      const own = await cursorAt(get, list.path)
      const foreign = await listOf(name)
      const other = await listOf(names[(names.indexOf(name) + 1) % names.length] ?? '')
      const cursors = {
        empty: '',
        text: 'x',
        'not of ours': Buffer.from('["x",null,"a"]').toString('base64url'),
        'a number': Buffer.from('1').toString('base64url'),
        'cut off': own.slice(0, -6),
        'of another organization or user': await cursorAt(foreign.get, foreign.list.path),
        'of another list': await cursorAt(other.get, other.list.path),
        long: 'a'.repeat(5000),
        'long, and begins well': own + own.repeat(100),
        'with a NUL': changed(own, (id) => `${id}\0`),
        'with a long id': changed(own, (id) => id.repeat(100)),
        ...(list.otherPath !== undefined && { 'of another filter': await cursorAt(get, list.otherPath) }),
      }
      const queries = [
        ...['0', '-1', '1001', '1.5', 'ten', '', 'NaN', '1e9', '9'.repeat(400)].map((limit) => `limit=${limit}`),
        'limit=1&limit=2',
        `cursor=${own}&cursor=${own}`,
        ...Object.values(cursors).map((cursor) => `cursor=${encodeURIComponent(cursor)}`),
      ]
      for (const query of queries) {
        // A cursor of usage is bound to the time span of its link.
        const { status, text, headers } = await get(withQuery(list.path, query))
        assert.equal(status, 400, `${query} ${text.slice(0, 200)}`)
        assert.match(text, /"path":"(limit|cursor)"/)
        assert.ok(text.length < 500)
        assert.equal(headers.get('link'), null)
      }
      assert.equal((await get(withQuery(list.path, 'limit=1000'))).status, 200)
    })

    it('exposes the link to browsers', async () => {
      const { list, get } = await listOf(name)
      const { headers } = await get(withQuery(list.path, 'limit=1'))
      assert.ok(headers.has('link'))
      assert.match(headers.get('access-control-expose-headers') ?? '', /(^|, )Link(,|$)/)
    })
  })
}

/** Returns the cursor with another id. */
function changed(cursor: string, change: (id: string) => string): string {
  const [label, value, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  return Buffer.from(JSON.stringify([label, value, change(id)])).toString('base64url')
}

describe('a route that returns an array', () => {
  const start = async (schema: object) => {
    const app = fastify()
    app.setValidatorCompiler(() => () => true)
    app.setSerializerCompiler(() => JSON.stringify)
    await app.register(listPages)
    app.get('/things', { schema }, () => [])
    await app.ready()
    await app.close()
  }

  it('does not start without pagination, or without the query parameters of it', async () => {
    const expected = /GET \/things answers an array that is not in pages/
    await assert.rejects(start({ response: { 200: z.array(z.string()) } }), expected)
    await assert.rejects(start({ querystring: PageQuery, response: { 200: z.array(z.string()) } }), expected)
    await assert.rejects(start({ response: { 200: pageOf(z.string()) } }), expected)
    const query = z.object({ ...pageQuery, limit: z.string() })
    await assert.rejects(start({ querystring: query, response: { 200: pageOf(z.string()) } }), expected)
  })

  it('starts with both, or with a maximum', async () => {
    await start({ querystring: PageQuery.extend({ more: z.string() }), response: { 200: pageOf(z.string()) } })
    await start({ response: { 200: z.array(z.string()).max(3, { abort: true }) } })
  })
})
