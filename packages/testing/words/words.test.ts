import assert from 'node:assert/strict'
import { it } from 'node:test'
import { findWords } from './words.ts'

const wordsOf = (text: string) => findWords(text).map(({ word }) => word)

it('finds words in sentences, at their start and in names', () => {
  assert.deepEqual(wordsOf('the channel hears of it'), ['hears'])
  assert.deepEqual(wordsOf('Nobody may.'), ['Nobody'])
  assert.deepEqual(wordsOf('const grantKilled = killGrant(x)').toSorted(), ['Killed', 'kill'])
  assert.deepEqual(wordsOf('key_told'), ['told'])
  assert.deepEqual(wordsOf('it asks in vain'), ['in vain'])
})

it('says on which line, and what to write instead', () => {
  assert.deepEqual(findWords('fine\nbelieved'), [{ line: 2, word: 'believed', instead: 'trust' }])
})

it('leaves other words alone that contain one', () => {
  assert.deepEqual(wordsOf('a skilled deadline in the header, a soundcard, worthy diet'), [])
})

it('leaves the names of signals and calls alone', () => {
  assert.deepEqual(wordsOf("child.kill('SIGKILL'), kill -9 1, process.kill(pid)"), [])
})
