import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isUnavailable, isUnstorable } from './faults.ts'

const coded = (code: string, more: object = {}) => Object.assign(new Error(code), { code }, more)

const UNAVAILABLE = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
  '57P01', // admin_shutdown
  '57P03', // cannot_connect_now: starting up
  '57014', // query_canceled: statement timeout
  '53300', // too_many_connections
  '08006', // connection_failure
  '28P01', // invalid_password
  '3D000', // the database does not exist
  '25006', // read_only_sql_transaction: a primary that became a standby
  '40001', // serialization_failure
  '40P01', // deadlock_detected
]

describe('isUnavailable', () => {
  it('is true for every error after which PostgreSQL ends the connection, such as a database that allows none', () => {
    assert.equal(isUnavailable(Object.assign(coded('55000'), { severity: 'ERROR' })), false)
    assert.equal(isUnavailable(Object.assign(coded('55000'), { severity: 'FATAL' })), true)
  })

  it('is false for our own faults and for values that are not errors', () => {
    for (const code of ['23505', '42P01', '42703', 'ERR_INVALID_ARG_TYPE', 'ENOENT', '22021']) {
      assert.equal(isUnavailable(coded(code)), false, code)
    }
    for (const value of [undefined, null, 'ECONNREFUSED', 57, {}, [], new Error('ECONNREFUSED')]) {
      assert.equal(isUnavailable(value), false, String(value))
    }
  })

  for (const code of UNAVAILABLE) {
    it(`is true for ${code}, bare, as a cause and among several`, () => {
      assert.equal(isUnavailable(coded(code)), true)
      assert.equal(isUnavailable(new Error('Failed query', { cause: new Error('x', { cause: coded(code) }) })), true)
      assert.equal(isUnavailable(new AggregateError([new Error('x'), coded(code)])), true)
    })
  }

  it('is true for a full NOTIFY queue, and not for other limits of the same code', () => {
    assert.equal(isUnavailable(coded('54000', { file: 'async.c', routine: 'PreCommit_Notify' })), true)
    assert.equal(isUnavailable(coded('54000', { file: 'nbtutils.c' })), false)
  })

  it('is true for a missing socket file, but not for other missing files', () => {
    assert.equal(isUnavailable(coded('ENOENT', { syscall: 'connect' })), true)
    assert.equal(isUnavailable(coded('ENOENT', { syscall: 'open' })), false)
  })

  it('is true for the status of a forwarder whose upstream is unavailable', () => {
    for (const statusCode of [502, 503, 504]) assert.equal(isUnavailable(coded('X', { statusCode })), true)
    for (const statusCode of [500, 501, 505]) assert.equal(isUnavailable(coded('X', { statusCode })), false)
  })

  it('ends on an error that is its own cause', () => {
    const error = new Error('x')
    error.cause = error
    assert.equal(isUnavailable(error), false)
  })
})

describe('isUnstorable', () => {
  it('is true only for text, numbers and times that PostgreSQL cannot store', () => {
    for (const code of ['22021', '22P05', '22P02', '22001', '22003', '22008']) {
      assert.equal(isUnstorable(new Error('Failed query', { cause: coded(code) })), true, code)
    }
    for (const code of ['22012', '23505', '57P01', 'ECONNREFUSED']) assert.equal(isUnstorable(coded(code)), false, code)
  })
})
