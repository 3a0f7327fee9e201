import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RegistryId } from '@daytona-auth/db/core'
import { registryPasswords } from './registry-passwords.ts'

const OLD = 'a1b2c3d4e5f60718293a4b5c6d7e8f90'
const NEW = '90f8e7d6c5b4a3928170f6e5d4c3b2a1'
const MINE = 'registry-1' as RegistryId
const OTHERS = 'registry-2' as RegistryId

describe('the encryption of registry passwords', () => {
  it('opens nothing with another secret, for another registry, or after a change', async () => {
    const sealed = await registryPasswords([OLD]).seal('opensesame', MINE)
    assert.equal(await registryPasswords([NEW]).open(sealed, MINE), undefined)
    assert.equal(await registryPasswords([OLD]).open(sealed, OTHERS), undefined)
    assert.equal(await registryPasswords([OLD]).open(`${sealed.slice(0, -4)}AAAA`, MINE), undefined)
  })

  it('encrypts with the first secret and decrypts with each', async () => {
    const sealed = await registryPasswords([OLD]).seal('opensesame', MINE)
    assert.deepEqual(await registryPasswords([OLD]).open(sealed, MINE), { password: 'opensesame', isCurrent: true })
    const both = registryPasswords([NEW, OLD])
    assert.deepEqual(await both.open(sealed, MINE), { password: 'opensesame', isCurrent: false })
    const again = await both.seal('opensesame', MINE)
    assert.deepEqual(await registryPasswords([NEW]).open(again, MINE), { password: 'opensesame', isCurrent: true })
  })
})
