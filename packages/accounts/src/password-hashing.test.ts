import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hash } from '@node-rs/argon2'
import { HashingOverloaded, hashPassword, needsRehash, passwordHasher } from './password-hashing.ts'

const PASSWORD = 'correct horse battery staple'

describe('passwordHasher', () => {
  it('refuses another password, and any password where none is stored', async () => {
    const hasher = passwordHasher()
    const stored = await hasher.hash(PASSWORD)
    assert.equal(await hasher.verify(stored, `${PASSWORD}!`), false)
    assert.equal(await hasher.verify(stored, ''), false)
    assert.equal(await hasher.verify(undefined, PASSWORD), false)
  })

  it('takes as long where none is stored', async () => {
    const took: number[] = []
    const hasher = passwordHasher({ onHashed: (ms) => took.push(ms) })
    const stored = await hashPassword(PASSWORD)
    for (let i = 0; i < 5; i++) for (const each of [stored, undefined]) await hasher.verify(each, `${PASSWORD}!`)
    const fastest = (isStored: boolean) => Math.min(...took.filter((_, i) => i % 2 === (isStored ? 0 : 1)))
    // Far from equal, for a machine under load. A hash of little work takes a fortieth.
    assert.ok(fastest(false) > fastest(true) / 10, `${took}`)
  })

  it('accepts the password, however its letters are composed', async () => {
    const hasher = passwordHasher()
    const stored = await hasher.hash('caf\u00e9 au lait, deux fois')
    assert.equal(await hasher.verify(stored, 'cafe\u0301 au lait, deux fois'), true)
  })

  it('refuses work when its queue is full, and continues with what is in it', async () => {
    const hasher = passwordHasher({ concurrency: 1, maxQueued: 1 })
    const served = [hasher.hash(PASSWORD), hasher.hash(PASSWORD)]
    await assert.rejects(hasher.hash(PASSWORD), HashingOverloaded)
    await assert.rejects(hasher.verify(undefined, PASSWORD), HashingOverloaded)
    assert.equal((await Promise.all(served)).length, 2)
    assert.equal(await hasher.verify(undefined, PASSWORD), false)
  })
})

describe('hashPassword', () => {
  it('makes argon2id hashes of 19 MiB, two passes and one lane, never the same twice', async () => {
    const [one, other] = await Promise.all([hashPassword(PASSWORD), hashPassword(PASSWORD)])
    assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    assert.notEqual(one, other)
  })
})

describe('needsRehash', () => {
  it('is true for a hash made with other work', async () => {
    assert.equal(needsRehash(await hash(PASSWORD, { memoryCost: 8192, timeCost: 1, parallelism: 1 })), true)
    assert.equal(needsRehash(await hashPassword(PASSWORD)), false)
  })
})
