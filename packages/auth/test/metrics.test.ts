import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import { Registry } from 'prom-client'
import { mintKey } from '../src/credential/api-key.ts'
import { channelMetrics } from '../src/verification/channel-metrics.ts'
import { ADDRESS, claimsOf, sign, verifierOn, world } from './world.ts'

const here = await world({ after })
const signer = await here.signer()
await here.publish(signer)
const owner = await here.user()
const home = await here.organization(owner)
const registry = new Registry()
const beganAt = performance.now()
const { verifier, caughtUp } = await verifierOn({ after }, here.url, { registry })

const verifications = async () => {
  const metric = await registry.getSingleMetric('auth_verifications_total')?.get()
  return (metric?.values ?? [])
    .filter(({ value }) => value > 0)
    .map(({ labels, value }) => `${labels['credential']} ${labels['result']} ${labels['source']} ${value}`)
    .sort()
}

describe('the metrics of a verifier', () => {
  it('count each answer by credential, result and source', async () => {
    const { key } = await here.key(owner, home)
    const clientId = await here.client()
    const grantId = await here.grant(owner, clientId)
    const token = await sign(signer, claimsOf({ userId: owner, clientId, grantId }))
    const unknown = mintKey().key
    await caughtUp()
    for (let round = 0; round < 3; round++) {
      for (const credential of [key, token, unknown, `${KEY_PREFIX}x`, 'x']) await verifier.verify(credential, ADDRESS)
    }
    assert.deepEqual(await verifications(), [
      'api-key accepted hit 2',
      'api-key accepted miss 1',
      'api-key malformed offline 3',
      'api-key unknown hit 2',
      'api-key unknown miss 1',
      'other malformed offline 3',
      'token accepted hit 2',
      'token accepted miss 1',
    ])
  })

  it('include the time of look-ups, the size of the cache and the age of the last heartbeat', async () => {
    const text = await registry.metrics()
    assert.match(text, /^auth_lookup_seconds_count 3$/m)
    assert.match(text, /^auth_cache_entries 2$/m)
    const age = Number(/^auth_heartbeat_age_seconds (\S+)$/m.exec(text)?.[1])
    assert.ok(age >= 0 && age <= (performance.now() - beganAt) / 1000, `${age} s`)
  })

  it('include notifications, their lag, and denials on a stale channel', async (t) => {
    const registryOfChannel = new Registry()
    const channelOptions = channelMetrics(registryOfChannel)
    const process = await verifierOn(t, here.url, { registry: registryOfChannel, listen: channelOptions })
    const { key } = await here.key(owner, home)
    await process.caughtUp()
    const read = async (series: string) =>
      Number(
        (await registryOfChannel.metrics())
          .split('\n')
          .find((line) => line.startsWith(`${series} `))
          ?.slice(series.length),
      )
    assert.ok((await read('auth_invalidations_total{kind="key"}')) >= 1)
    assert.equal(await read('auth_invalidations_total{kind="reset"}'), 1)
    assert.ok((await read('auth_invalidation_lag_seconds_count')) >= 1)
    assert.equal(await read('auth_invalidation_losses_total'), 0)
    channelOptions.onState('lost')
    assert.equal(await read('auth_invalidation_losses_total'), 1)

    await process.database.$client.end()
    await process.verifier.verify(key, ADDRESS)
    assert.equal(await read('auth_stale_refusals_total'), 0)
    await process.channel.close()
    await process.verifier.verify(key, ADDRESS)
    assert.equal(await read('auth_stale_refusals_total'), 1)
  })

  it('contain nothing about the verified caller', async () => {
    assert.ok(!(await registry.metrics()).includes(owner))
  })
})
