import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { world } from './world.ts'

const { request } = await world({ after })
const { body, text } = await request('GET', '/openapi.json')

interface Media {
  readonly schema: object
  readonly example?: unknown
  readonly examples?: Readonly<Record<string, { readonly $ref: string }>>
}

interface Operation {
  readonly operationId: string
  readonly parameters?: readonly {
    readonly in: string
    readonly name: string
    readonly schema: object
    readonly example?: unknown
  }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>
}

const document = body as {
  paths: Record<string, Record<string, Operation>>
  components: {
    schemas: Record<string, { examples?: unknown[] }>
    examples: Record<string, { value: { statusCode: number } }>
  }
}
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))

const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }))
ajv.addSchema(document, 'openapi')
// References are relative to the document.
const absolute = (schema: object): object => JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/'))

/** Fails for a value that a schema does not allow, or with a member that it does not have. */
function assertFits(schema: object, value: unknown, what: string): void {
  const validate = ajv.compile(absolute(schema))
  assert.ok(validate(value), `${what}: ${ajv.errorsText(validate.errors)}`)
}

describe('an example', () => {
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    it(`of the schema ${name} exists and fits it`, () => {
      assert.equal(schema.examples?.length, 1)
      assertFits(schema, schema.examples?.[0], name)
    })
  }

  for (const { operationId, parameters = [], requestBody, responses } of operations) {
    it(`of each body of ${operationId} exists and fits its schema`, () => {
      const bodies = Object.entries(requestBody?.content ?? {})
      for (const [status, { content = {} }] of Object.entries(responses)) {
        if (status < '400') bodies.push(...Object.entries(content))
      }
      for (const [type, { schema, example }] of bodies) {
        assert.notEqual(example, undefined, type)
        assertFits(schema, example, type)
      }
      assert.ok(bodies.length > 0 || Object.keys(responses).some((status) => status === '204'))
    })

    it(`of each denial of ${operationId} has its status`, () => {
      for (const [status, { content = {} }] of Object.entries(responses)) {
        if (status < '400') continue
        for (const [type, { schema, examples = {} }] of Object.entries(content)) {
          const [{ $ref }] = Object.values(examples) as [{ $ref: string }]
          const example = document.components.examples[$ref.slice('#/components/examples/'.length)]
          assertFits(schema, example?.value, type)
          assert.equal(String(example?.value.statusCode), status)
        }
      }
    })

    it(`of each required parameter of ${operationId} exists and fits its schema`, () => {
      for (const { in: place, name, schema, example } of parameters) {
        if (place === 'path') assert.notEqual(example, undefined, name)
        if (example !== undefined) assertFits(schema, example, name)
      }
    })
  }

  it('has the form of an API key only where one is masked or a placeholder', () => {
    assert.doesNotMatch(text, /\bdta_[0-9A-Za-z]{49}\b/)
  })
})
