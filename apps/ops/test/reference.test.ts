import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { DOCUMENT } from '../reference.ts'
import { BEGIN, configurationReference, END, withReference } from '../src/configuration/reference.ts'
import { SHAPES } from '../src/configuration/servers.ts'

describe('the configuration reference', () => {
  it('refuses a document without its markers', () => {
    for (const document of ['', BEGIN, END, `${END}${BEGIN}`]) assert.throws(() => withReference(document))
  })

  it('replaces the text between its markers only', () => {
    const once = withReference(`# Title\n\n${BEGIN}\nwhat was there\n${END}\n\nmore\n`)
    assert.match(once, /^# Title\n\n<!-- configuration:begin -->\n\n### Both servers\n/)
    assert.match(once, /\n<!-- configuration:end -->\n\nmore\n$/)
    assert.doesNotMatch(once, /what was there/)
    assert.equal(withReference(once), once)
  })

  it('has every variable of every server', () => {
    const text = configurationReference()
    for (const name of Object.values(SHAPES).flatMap((shape) => Object.keys(shape))) {
      assert.ok(text.includes(`| \`${name}\` |`), name)
    }
    assert.match(text, /^\| `SIGNING_KEYS_SECRET` \| \*\*required\*\* \| Secret\. /m)
    assert.match(text, /^\| `PORT` \| `3000` \| The port to listen on/m)
  })

  it('is up to date in docker/README.md', async () => {
    const document = await readFile(DOCUMENT, 'utf8')
    assert.equal(document, withReference(document), 'it is stale: run `npx pnpm@12 reference`')
  })
})
