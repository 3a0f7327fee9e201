import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createTranslations } from './translations.ts'

const translationOf = createTranslations(
  {
    de: {
      'Hello {name}': 'Hallo {name}',
      '{count, plural, one {# key} other {# keys}}': '{count, plural, one {# Schlüssel} other {# Schlüssel}}',
      'At {brand}: <a>open</a> <strong>{name}</strong>': 'Bei {brand}: <a>öffnen</a> <strong>{name}</strong>',
      'Since {time}': 'Seit {time}',
      'Only English': 'Nur Englisch',
    },
  },
  'A & B',
)
const [english, german] = [translationOf('en'), translationOf('de')]
const HOSTILE = '<b>"x"</b> & \'{y}\''

describe('a translation', () => {
  it('escapes every value in HTML, and none in text', () => {
    assert.equal(german.text('Hello {name}', { name: HOSTILE }), `Hallo ${HOSTILE}`)
    assert.equal(
      german.html('At {brand}: <a>open</a> <strong>{name}</strong>', { name: HOSTILE }, { a: { href: '/?a="&b' } }),
      'Bei A &amp; B: <a href="/?a=&quot;&amp;b">öffnen</a> <strong>&lt;b&gt;&quot;x&quot;&lt;/b&gt; &amp; &#39;{y}&#39;</strong>',
    )
  })

  it('does not take a value for a sentence or a sentence for a member of every object', () => {
    assert.equal(german.text({ text: 'Hello {name}' }), 'Hello {name}')
    assert.equal(german.text('toString' as 'Only English'), 'toString')
  })

  it('counts in each language', () => {
    const keys = '{count, plural, one {# key} other {# keys}}'
    assert.deepEqual(
      [english, german].map((language) => [1, 2].map((count) => language.text(keys, { count }))),
      [
        ['1 key', '2 keys'],
        ['1 Schlüssel', '2 Schlüssel'],
      ],
    )
  })

  it('formats instants in UTC, by the language, in any time zone of the process', () => {
    const at = '2026-03-01T23:05:00.000Z'
    assert.equal(english.text('Since {time}', { time: english.time(at) }), 'Since 1 March 2026 at 23:05 UTC')
    assert.equal(german.text('Since {time}', { time: german.time(at) }), 'Seit 1. März 2026 um 23:05 UTC')
    assert.equal(
      german.html('Since {time}', { time: german.day(new Date(at)) }),
      'Seit <time datetime="2026-03-01T23:05:00.000Z">1. März 2026</time>',
    )
  })
})
