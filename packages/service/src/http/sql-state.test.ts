import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import postgres from 'postgres'
import { hasCause, hasSqlState, SQL_STATE } from './sql-state.ts'

const error = (code: string) => Object.assign(new postgres.PostgresError({ message: 'x' } as never), { code })

describe('hasSqlState', () => {
  it('finds the state of an error, however it is wrapped', () => {
    const violation = error('23505')
    for (const wrapped of [
      violation,
      new Error('Failed query', { cause: violation }),
      new Error('outer', { cause: new Error('inner', { cause: violation }) }),
      new AggregateError([new Error('other'), violation]),
    ]) {
      assert.equal(hasSqlState(wrapped, 'unique_violation'), true)
      assert.equal(hasSqlState(wrapped, 'foreign_key_violation', 'unique_violation'), true)
      assert.equal(hasSqlState(wrapped, 'foreign_key_violation'), false)
    }
  })

  it('finds none in other values', () => {
    for (const value of [undefined, null, 'x', 23505, {}, new Error('23505'), error('ECONNREFUSED')]) {
      assert.equal(hasSqlState(value, 'unique_violation'), false)
    }
  })

  it('ends at a circle of causes', () => {
    const circle = new Error('x')
    circle.cause = circle
    assert.equal(hasSqlState(circle, 'unique_violation'), false)
  })
})

it('hasCause tests each cause', () => {
  const full = Object.assign(error('54000'), { file: 'async.c' })
  assert.equal(
    hasCause(new Error('x', { cause: full }), ({ file }) => file === 'async.c'),
    true,
  )
})

it('every state has five characters of its class', () => {
  for (const state of Object.values(SQL_STATE)) assert.match(state, /^[0-9A-Z]{5}$/)
  assert.equal(new Set(Object.values(SQL_STATE)).size, Object.values(SQL_STATE).length)
})
