import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describeUserAgent } from './describe-user-agent.ts'

const UNKNOWN = { browser: null, system: null }

describe('describeUserAgent', () => {
  it('knows nothing about other programs, and repeats no text of theirs', () => {
    const texts = [null, '', ' ', 'curl/8.5.0', 'daytona-cli/0.2.0', '\u202eevil/9 <script>', 'a'.repeat(512)]
    for (const text of texts) assert.deepEqual(describeUserAgent(text), UNKNOWN, String(text))
    const { browser } = describeUserAgent(`Mozilla/5.0 (Windows NT 10.0) Chrome/${'9'.repeat(400)} Safari/537.36`)
    assert.ok((browser ?? '').length <= 'Chrome 99999'.length, String(browser))
  })

  it('names the browser with its major version, and the system', () => {
    const webKit = 'AppleWebKit/537.36 (KHTML, like Gecko)'
    const known: Readonly<Record<string, readonly [browser: string, system: string]>> = {
      'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0': ['Firefox 140', 'Linux'],
      [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webKit} Chrome/148.0.0.0 Safari/537.36`]: ['Chrome 148', 'Windows'],
      [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webKit} Chrome/148.0.0.0 Safari/537.36 Edg/148.0.0.0`]: [
        'Microsoft Edge 148',
        'Windows',
      ],
      [`Mozilla/5.0 (Linux; Android 10; K) ${webKit} Chrome/148.0.0.0 Mobile Safari/537.36`]: ['Chrome 148', 'Android'],
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1':
        ['Safari 18', 'iOS'],
    }
    for (const [text, [browser, system]] of Object.entries(known)) {
      assert.deepEqual(describeUserAgent(text), { browser, system }, text)
    }
  })
})
