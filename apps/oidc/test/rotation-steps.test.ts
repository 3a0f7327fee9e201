import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DEPLOYMENT, listAuditEvents } from '@daytona-auth/db/audit'
import type { ChannelEvent, Database } from '@daytona-auth/db/core'
import { advanceSigningKeys, publishSigningKeys } from '@daytona-auth/db/signing-keys'
import { createLogger } from '@daytona-auth/service'
import { makeSigningKeys } from '@daytona-auth/signing-keys/create'
import { keyWrapping } from '@daytona-auth/signing-keys/wrap'
import { captureLog, type Scope, testDatabase, waitFor } from '@daytona-auth/testing'
import { followSigningKeys } from '../src/provider/keys/rotation.ts'
import type { SigningKeys } from '../src/provider/keys/signing-keys.ts'

const SECRET = 'the secret that the keys are wrapped with'
const OTHER = 'another secret, of another deployment or of later'
const NEVER = { promoteAfterSeconds: 1e6, removeAfterSeconds: 1e6 }
const AT_ONCE = { promoteAfterSeconds: 0, removeAfterSeconds: 0 }

/** Starts a process that only follows the signing keys; `notify` sends it a notification. */
async function startFollower(
  t: Scope,
  database: Database,
  { secrets = [SECRET], pace = NEVER }: { secrets?: [string, ...string[]]; pace?: typeof NEVER } = {},
) {
  const log = captureLog()
  let listener: (event: ChannelEvent) => void = () => {}
  const rotation = await followSigningKeys<SigningKeys>({
    database,
    pace,
    wrapping: keyWrapping(secrets),
    build: (keys) => keys,
    logger: createLogger({ service: 'test', stream: log.stream }),
    channel: {
      subscribe(onEvent) {
        listener = onEvent
        return () => {}
      },
    },
  })
  t.after(() => rotation.close())
  return {
    rotation,
    log,
    signing: () =>
      rotation
        .current()
        .privateJwks.map(({ kid }) => kid ?? '')
        .toSorted(),
    published: () =>
      rotation
        .current()
        .publicJwks.map(({ kid }) => kid ?? '')
        .toSorted(),
    notify: () => listener({ kind: 'reset', reason: 'test' }),
  }
}

/** Publishes the next keys, wrapped with that secret. */
async function publish(database: Database, secret = SECRET): Promise<string[]> {
  const keys = await makeSigningKeys(keyWrapping([secret]))
  assert.ok(await publishSigningKeys(database, keys, 'test'))
  return keys.map(({ kid }) => kid).toSorted()
}

describe('the steps of a rotation', () => {
  it('are taken when they are due, each once, with several processes and without notifications', async (t) => {
    const { database } = await testDatabase(t)
    const old = (await startFollower(t, database)).signing()
    const fresh = await publish(database)
    assert.equal(await publishSigningKeys(database, await makeSigningKeys(keyWrapping([SECRET])), 'test'), false)

    const pace = { promoteAfterSeconds: 0.5, removeAfterSeconds: 0.5 }
    const several = await Promise.all([1, 2, 3].map(() => startFollower(t, database, { pace })))
    for (const { signing, published } of several) {
      await waitFor(() => published().length === 2)
      assert.deepEqual([signing(), published()], [fresh, fresh])
    }
    const { rows } = await listAuditEvents(database, DEPLOYMENT, {}, { limit: 20 })
    const actions = rows.map(({ action, targetId }) => `${action} ${targetId}`)
    assert.deepEqual(
      actions.toSorted(),
      [
        ...old.flatMap((kid) => [
          `signing_key.activate ${kid}`,
          `signing_key.retire ${kid}`,
          `signing_key.remove ${kid}`,
        ]),
        ...fresh.flatMap((kid) => [`signing_key.publish ${kid}`, `signing_key.activate ${kid}`]),
      ].toSorted(),
    )
  })

  it('are not taken by a process that could not sign afterwards; it publishes the keys and continues', async (t) => {
    const { database } = await testDatabase(t)
    const here = await startFollower(t, database)
    const old = here.signing()
    const fresh = await publish(database, OTHER)
    const hasty = await startFollower(t, database, { pace: AT_ONCE })
    assert.deepEqual([hasty.signing(), hasty.published().length], [old, 4])
    assert.match(hasty.log.text(), /signing keys cannot be opened: SIGNING_KEYS_SECRET does not match/)

    // A process with the other secret takes the step.
    await advanceSigningKeys(database, { ...NEVER, promoteAfterSeconds: 0 }, 'test')
    here.notify()
    await waitFor(() => here.log.text().includes('"status":"retired"'))
    assert.deepEqual([here.signing(), here.published().length, here.rotation.areSigningKeysPublished()], [old, 4, true])
    await assert.rejects(startFollower(t, database), /SIGNING_KEYS_SECRET is not the one/)

    await advanceSigningKeys(database, AT_ONCE, 'test')
    here.notify()
    await waitFor(() => !here.rotation.areSigningKeysPublished())
    assert.deepEqual(here.signing(), old)

    const informed = await startFollower(t, database, { secrets: [SECRET, OTHER] })
    assert.deepEqual([informed.signing(), informed.rotation.areSigningKeysPublished()], [fresh, true])
  })
})
