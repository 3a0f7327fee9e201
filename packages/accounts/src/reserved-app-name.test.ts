import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { looksLikeOurs } from './reserved-app-name.ts'

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
