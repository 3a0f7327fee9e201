import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { STYLE } from './result-page.ts'

describe('the page after a login', () => {
  it('has the colours of the provider’s pages', async () => {
    const path = join(import.meta.dirname, '../../../oidc/src/pages/templates/style.css')
    const colours = (css: string) =>
      [...css.matchAll(/(--[a-z]+): ([^;}]+)/g)].map(([, name, value]) => `${name}: ${value}`)
    const provider = colours(await readFile(path, 'utf8'))
    const own = colours(STYLE)
    assert.equal(own.length, 16)
    for (const colour of own) assert.ok(provider.includes(colour), colour)
  })
})
