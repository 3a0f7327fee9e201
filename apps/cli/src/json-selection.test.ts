import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Failure, UsageError } from './failure.ts'
import { createJsonSelection, selectFields } from './json-selection.ts'

describe('selectFields', () => {
  it('rejects a field that no object has, and lists those that exist', () => {
    for (const field of ['nmae', 'constructor']) {
      assert.throws(
        () => selectFields([{ name: 'a', id: 1 }], ['name', field]),
        (error) =>
          error instanceof Failure && error.message.includes(`"${field}"`) && error.hint === 'Fields: name, id',
      )
    }
  })

  it('selects fields of an object or of each object of an array', () => {
    assert.deepEqual(selectFields({ a: 1, b: 2 }, ['b']), { b: 2 })
    assert.deepEqual(selectFields([{ a: 1, b: 2 }, { a: 3 }], ['b', 'a']), [
      { b: 2, a: 1 },
      { b: null, a: 3 },
    ])
    assert.deepEqual(selectFields([], ['anything']), [])
  })
})

describe('a jq program', () => {
  it('that is invalid is a usage error, and one that fails is a failure', async () => {
    for (const program of ['.[', '.a |', '']) {
      await assert.rejects(createJsonSelection(undefined, program), UsageError, program)
    }
    const { format } = await createJsonSelection(undefined, 'error("no")')
    assert.throws(() => format({ a: 'text' }), { name: 'Failure', message: /^The jq program failed: / })
  })

  it('prints strings as they are, and other results as JSON, one per line', async () => {
    const { format } = await createJsonSelection(undefined, '.[] | (.name, {n: .n}, (.n > 1))')
    assert.equal(format([{ name: 'a b', n: 2 }]), 'a b\n{"n":2}\ntrue')
    assert.equal((await createJsonSelection(undefined, 'empty')).format({}), '')
  })
})
