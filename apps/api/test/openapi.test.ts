import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { after, it } from 'node:test'
import { world } from './world.ts'

const SNAPSHOT = new URL('openapi.snapshot.json', import.meta.url)

const { request } = await world({ after })

it('serves the committed OpenAPI document, so that a change of the contract is visible', async () => {
  const answer = await request('GET', '/openapi.json')
  assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8')
  const text = `${JSON.stringify(answer.body, null, 2)}\n`
  // UPDATE_SNAPSHOT=1 rewrites it, for review and commit.
  if (process.env['UPDATE_SNAPSHOT']) await writeFile(SNAPSHOT, text)
  assert.equal(text, await readFile(SNAPSHOT, 'utf8'))
})

it('has a unique id, a summary and a body for every denial for every operation', async () => {
  const { body } = await request('GET', '/openapi.json')
  const document = body as {
    openapi: string
    paths: Record<string, Record<string, { operationId: string; summary: string; responses: Record<string, unknown> }>>
  }
  assert.equal(document.openapi, '3.1.0')
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))
  const ids = operations.map(({ operationId }) => operationId)
  assert.deepEqual([...new Set(ids)], ids)
  for (const { summary, operationId, responses } of operations) {
    assert.ok(summary, operationId)
    for (const [status, response] of Object.entries(responses)) {
      if (Number(status) < 400) continue
      const examples = { [status]: { $ref: `#/components/examples/Error${status}` } }
      const content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' }, examples } }
      assert.deepEqual((response as { content: unknown }).content, content, `${operationId} ${status}`)
    }
  }
})

it('has 404 exactly for operations with a path parameter, and 405 for none', async () => {
  const { body } = await request('GET', '/openapi.json')
  const { paths } = body as { paths: Record<string, Record<string, { responses: Record<string, unknown> }>> }
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { responses }] of Object.entries(methods)) {
      assert.equal('404' in responses, path.includes('{'), `${method} ${path}`)
      assert.ok(!('405' in responses), `${method} ${path}`)
    }
    const allowed = (await request('PROPFIND', path)).headers.get('allow')?.split(', ')
    for (const method of Object.keys(methods)) assert.ok(allowed?.includes(method.toUpperCase()), `${method} ${path}`)
  }
})

interface SchemaPart {
  readonly $ref?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, SchemaPart>>
  readonly [keyword: string]: unknown
}

it('describes every operation, parameter, schema and member', async () => {
  const { body } = await request('GET', '/openapi.json')
  const { paths, components } = body as {
    paths: Record<
      string,
      Record<string, { description?: string; parameters?: { name: string; description?: string }[] }>
    >
    components: { schemas: Record<string, SchemaPart> }
  }
  const undescribed: string[] = []
  let members = 0
  const walk = (part: unknown, at: string): void => {
    if (typeof part !== 'object' || part === null) return
    const { properties } = part as SchemaPart
    for (const [name, member] of Object.entries(properties ?? {})) {
      members += 1
      if (!member.description && !member.$ref) undescribed.push(`${at}.${name}`)
    }
    for (const [name, value] of Object.entries(part)) walk(value, `${at}.${name}`)
  }
  for (const [name, schema] of Object.entries(components.schemas)) {
    if (!schema.description) undescribed.push(name)
    walk(schema, name)
  }
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (!operation.description) undescribed.push(`${method} ${path}`)
      for (const { name, description } of operation.parameters ?? []) {
        if (!description) undescribed.push(`${method} ${path} ${name}`)
      }
      walk(operation, `${method} ${path}`)
    }
  }
  assert.ok(members > 400, String(members))
  assert.deepEqual(undescribed, [])
})

it('states in the description of every operation who may call it', async () => {
  const { body } = await request('GET', '/openapi.json')
  const { paths } = body as { paths: Record<string, Record<string, { description: string; security: object[] }>> }
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { description, security }] of Object.entries(methods)) {
      const [scope] = security.flatMap((one) => ('oauth2' in one ? (one.oauth2 as string[]) : []))
      const needed = security.length === 0 ? 'Needs no credential.' : scope?.includes(':') ? `\`${scope}\`` : 'Needs a'
      assert.ok(description.includes(needed), `${method} ${path}: ${description}`)
    }
  }
})
