import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { waitFor } from './wait-for.ts'

describe('waitFor', () => {
  it('rejects at the deadline, with the last error as the cause', async () => {
    const error = new Error('not there')
    await assert.rejects(
      waitFor(() => Promise.reject(error), 20),
      { cause: error },
    )
  })

  it('resolves with the first truthy value', async () => {
    let asked = 0
    assert.equal(await waitFor(() => (asked++ < 3 ? undefined : 'yes')), 'yes')
  })
})
