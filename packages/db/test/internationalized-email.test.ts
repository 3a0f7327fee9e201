import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { createUser, findAccountByEmail, normalizeEmail } from '../src/users.ts'

const FROM = { ipAddress: '192.0.2.1', userAgent: 'a browser', source: 'provider' }
const { database } = await testDatabase({ after })
const create = (email: string) => createUser(database, { email, name: 'Ada', passwordHash: 'a hash' }, FROM)

describe('an address with an internationalized domain', () => {
  const spellings = [
    'Ada@B\u00fccher.example',
    'ada@bu\u0308cher.EXAMPLE',
    ' ada@xn--bcher-kva.example',
    'ADA@XN--BCHER-KVA.example',
  ]

  it('is one account in both spellings, and kept in the ASCII one', async () => {
    const made = await create(spellings[0] ?? '')
    for (const spelling of spellings) {
      assert.equal(await create(spelling), undefined, spelling)
      const account = await findAccountByEmail(database, spelling)
      assert.deepEqual([account?.userId, account?.email], [made?.userId, 'ada@xn--bcher-kva.example'])
    }
  })

  it('is found where it was kept in the other spelling before', async () => {
    const made = await create('eve@placeholder.example')
    await database.$client`UPDATE users SET email = 'eve@münchen.example' WHERE id = ${made?.userId ?? ''}`
    for (const spelling of ['eve@münchen.example', 'eve@xn--mnchen-3ya.example']) {
      assert.equal((await findAccountByEmail(database, spelling))?.userId, made?.userId)
    }
  })

  it('leaves every other address as it is', () => {
    for (const text of ['ada@example.com', 'ada@0x7f.1', 'ü@example.com', 'ada', 'ada@', 'ada@-.xn--', '@']) {
      assert.equal(normalizeEmail(text), text)
    }
  })
})
