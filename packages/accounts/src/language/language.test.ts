import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chooseLanguage } from './language.ts'

describe('chooseLanguage', () => {
  const table: [uiLocales: unknown, acceptLanguage: string | undefined, language: string][] = [
    // Neither, or nothing that is supported: English.
    [undefined, undefined, 'en'],
    ['', '', 'en'],
    ['fr', 'ja,fr;q=0.8', 'en'],
    [['de'], undefined, 'en'],
    [undefined, '*', 'en'],
    [undefined, 'de;q=0', 'en'],
    [undefined, 'de'.padEnd(1025, ' '), 'en'],
    ['de'.padEnd(1025, ' '), undefined, 'en'],
    [undefined, ';;;,,=q', 'en'],
    ['constructor __proto__', '__proto__', 'en'],
    // `Accept-Language` by quality, with regions.
    [undefined, 'de', 'de'],
    [undefined, 'DE-at', 'de'],
    [undefined, 'en;q=0.5, de;q=0.9', 'de'],
    [undefined, 'de;q=0.5, en;q=0.9', 'en'],
    [undefined, 'fr, de-CH;q=0.7, en;q=0.3', 'de'],
    // `ui_locales` by order, and before the header.
    ['de', 'en', 'de'],
    ['en', 'de', 'en'],
    ['fr-CA DE-DE en', 'en', 'de'],
    ['fr', 'de', 'de'],
  ]
  for (const [uiLocales, acceptLanguage, language] of table) {
    it(`is ${language} for ${JSON.stringify([uiLocales, acceptLanguage]).slice(0, 60)}`, () =>
      assert.equal(chooseLanguage({ uiLocales, acceptLanguage }), language))
  }
})
