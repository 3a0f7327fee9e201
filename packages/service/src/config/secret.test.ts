import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { secret, secrets } from './secret.ts'

const GOOD = 'Zx81kQ0vmPq7Yt3LrW9sHn5bJc2dUf6g'
const messageOf = (schema: ReturnType<typeof secret> | ReturnType<typeof secrets>, text: string) =>
  schema.safeParse(text).error?.issues.map(({ message }) => message)

describe('secret', () => {
  const weak: Record<string, string[]> = {
    'must have 32 characters or more': ['x', GOOD.slice(1)],
    'must not begin or end with a space or contain control characters': [
      `${GOOD} `,
      ` ${GOOD}`,
      `${GOOD}\r`,
      `a\0${GOOD}`,
    ],
    'must be random, not easy to guess': [
      'x'.repeat(32),
      '0123456789abcdef0123456789abcdef',
      'abcdefghijklmnopqrstuvwxyz0123456789',
      '00000000000000000000000000000001',
      'changeme-changeme-changeme-please-1',
      'please CHANGE THIS before you go live',
      'an-example-secret-of-enough-characters',
      'your-secret-goes-here-and-is-long-enough',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: an unexpanded template
      '${SIGNING_KEYS_SECRET_OF_THE_DEPLOYMENT}',
      '<thirty-two random characters, or 40>',
    ],
  }
  for (const [problem, texts] of Object.entries(weak)) {
    it(problem, () => {
      for (const text of texts) {
        assert.deepEqual(messageOf(secret(), text), [`${problem}: make one with openssl rand -hex 32`], text)
      }
    })
  }

  it('accepts the output of openssl, and a phrase', () => {
    const made = fc.constantFrom('hex', 'base64', 'base64url')
    fc.assert(
      fc.property(made, fc.integer({ min: 32, max: 64 }), (encoding, bytes) => {
        const text = randomBytes(bytes).toString(encoding)
        assert.equal(secret().parse(text), text)
      }),
    )
    assert.equal(secret().parse('eight herons stood still in the rain'), 'eight herons stood still in the rain')
  })

  it('checks each item of several', () => {
    assert.deepEqual(secrets().parse(`${GOOD}, ${GOOD}2`), [GOOD, `${GOOD}2`])
    assert.deepEqual(messageOf(secrets(), `${GOOD},short`), [
      'must have 32 characters or more (each of the comma-separated secrets): make one with openssl rand -hex 32',
    ])
  })
})
