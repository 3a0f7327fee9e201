import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'

const root = join(import.meta.dirname, '../../..')

/** Reads the custom properties of a stylesheet: those of the light scheme and, after `dark`, those of the dark one. */
async function readTokens(path: string): Promise<Map<string, string>> {
  const style = await readFile(join(root, path), 'utf8')
  const tokens = new Map<string, string>()
  let scheme = 'light'
  for (const [, media, end, name, value] of style.matchAll(
    /(@media \(prefers-color-scheme: dark\))|^(\})|^\s*(--[\w-]+):\s*([^;]+);/gm,
  )) {
    if (media) scheme = 'dark'
    else if (end) scheme = 'light'
    else if (name && value) tokens.set(`${scheme} ${name}`, value)
  }
  return tokens
}

it('the dashboard has the colours of the provider’s pages', async () => {
  const provider = await readTokens('apps/oidc/src/pages/templates/style.css')
  const dashboard = await readTokens('apps/dashboard/src/ui/tokens.css')
  assert.ok(provider.size >= 40, `only ${provider.size} tokens were read`)
  for (const [name, value] of provider) assert.equal(dashboard.get(name), value, name)
})

it('the documentation has those colours, too', async () => {
  const provider = await readTokens('apps/oidc/src/pages/templates/style.css')
  const documentation = await readTokens('apps/api/src/features/docs/assets/docs.css')
  assert.ok(documentation.size >= 20, `only ${documentation.size} tokens were read`)
  for (const [name, value] of documentation) assert.equal(provider.get(name), value, name)
})
