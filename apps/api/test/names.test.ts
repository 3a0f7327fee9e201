import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import * as z from 'zod'
import { collectRoutes } from './registered-routes.ts'
import { world } from './world.ts'

const { registered } = collectRoutes({ after })
const { request, person } = await world({ after })

/** Every code point that the rule for names forbids, derived from Unicode properties instead of the rule. */
const FORBIDDEN = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))
  .filter((text) => /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/u.test(text))

/** One forbidden character of each kind, for requests. */
const SAMPLES = [
  '\0',
  '\n',
  '\u0085',
  '\u200b',
  '\u200d',
  '\u202e',
  '\u2066',
  '\u2028',
  '\u2029',
  '\ufeff',
  '\u{e0041}',
]

/** Members of bodies that contain names chosen by people. */
const NAMES = ['name', 'alias']

/** Other members called name: names of images and paths, which people do not choose. */
const fields = registered.flatMap(({ method, url, schema }) => {
  const body: unknown = schema?.body
  const object = body instanceof z.ZodObject ? body : undefined
  return NAMES.flatMap((name) => {
    const member: unknown = object?.shape[name]
    return member instanceof z.ZodType ? [{ method: String(method), url, name, schema: member }] : []
  })
})

describe('a name that a person chooses', () => {
  it('is found in the bodies of all routes that accept one', () => {
    const urls = new Set(fields.map(({ url }) => url))
    for (const url of [
      '/api-keys',
      '/organizations',
      '/users/me',
      '/oauth-apps',
      '/sandbox',
      '/volumes',
      '/snapshots',
    ]) {
      assert.ok(urls.has(url), `${url} is not among ${[...urls].join(', ')}`)
    }
    assert.ok(fields.length >= 12, `only ${fields.length} fields`)
    assert.ok(FORBIDDEN.length > 4000, `only ${FORBIDDEN.length} characters`)
  })

  for (const { method, url, name, schema } of fields) {
    it(`has none of ${FORBIDDEN.length} characters as ${name} of ${method} ${url}`, () => {
      for (const character of FORBIDDEN) {
        const { success } = schema.safeParse(`a${character}b`)
        assert.equal(success, false, `U+${character.codePointAt(0)?.toString(16)}`)
      }
      assert.equal(schema.safeParse('Zoë’s 名前 ✨').success, true)
      assert.equal(schema.safeParse('x'.repeat(129)).success, false)
      assert.equal(schema.parse('e\u0301'), '\u00e9', 'NFC')
    })
  }

  it('is refused with a 400 and changes nothing', async () => {
    const ada = await person()
    const { value: token } = await ada.token()
    for (const sample of SAMPLES) {
      for (const [method, url] of [
        ['POST', '/organizations'],
        ['PATCH', '/users/me'],
      ] as const) {
        const { status, body } = await request(method, url, token, { body: { name: `a${sample}b` } })
        assert.equal(status, 400)
        assert.match(String((body as { error: string }).error), /name: must not have control, invisible/)
      }
    }
  })
})
