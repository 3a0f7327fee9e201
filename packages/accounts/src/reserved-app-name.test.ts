import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { installationNameProblem, looksLikeOurs } from './reserved-app-name.ts'

describe('looksLikeOurs', () => {
  for (const name of [
    'Daytona',
    'Daytona Dashboard',
    'daytona cli',
    'DAYTONA CLI',
    'D a y t o n a',
    'Day-tona Dashboard',
    'Dаytоnа CLI', // Cyrillic
    'ΔΑΥΤΟΝΑ'.replace('Δ', 'D'), // Greek
    'Ｄａｙｔｏｎａ', // full width
    '𝐃𝐚𝐲𝐭𝐨𝐧𝐚 Dashboard',
    'Dáýtöna',
    'Dayt0na',
    'The official Daytona CLI',
  ]) {
    it(`is true for ${name}`, () => assert.equal(looksLikeOurs(name), true))
  }
  for (const name of ['Example App', 'Day trips', 'Dayton', 'Cobalt', 'アプリ']) {
    it(`is false for ${name}`, () => assert.equal(looksLikeOurs(name), false))
  }
})

describe('the name of an installation', () => {
  for (const [name, brand] of [
    ['Acme', 'Acme'],
    ['The a-c.m e dashboard', 'Acme'],
    ['ACMÉ Söhne', 'Acme'],
    ['\u0410cme', 'Acme'],
    ['X', 'x'],
    ['Meine Söhne', 'söhne'],
  ] as const) {
    it(`is not free for others: ${name}, of ${brand}`, () =>
      assert.match(installationNameProblem(name, brand) ?? '', /^must not contain/))
  }

  it('does not reserve other names, nor each word with a short name in it', () => {
    for (const [name, brand] of [
      ['Acne', 'Acme'],
      ['Xerox', 'X'],
      ['Example App', 'Daytona'],
    ] as const) {
      assert.equal(installationNameProblem(name, brand), undefined)
    }
  })
})
