import assert from 'node:assert/strict'
import { once } from 'node:events'
import { it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { clientOfTransaction, countWrites, ENDINGS, type Ending, type Step } from './endings.ts'
import { assertDenied, beginRequest } from './request.ts'
import { createSteps } from './steps.ts'
import type { World } from './world.ts'

/** A step and what ends while it is requested. */
export interface Case {
  readonly step: string
  readonly ending: Ending
  readonly prepare: Step['prepare']
}

/** The tests of a step. */
export function stepTests({ provider: { issuer }, sql, inTestTransaction }: World) {
  const countLockWaits = async () => {
    const [row] = await sql`
      SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    return row?.['count'] as number
  }

  return {
    succeeds(step: string, prepare: Step['prepare']) {
      it(`succeeds while everything that it depends on exists: ${step}`, async () => {
        const at = await prepare()
        const before = await countWrites(at, sql)
        const { outgoing, answer, rest } = beginRequest(issuer, at)
        outgoing.end(rest)
        const { status, body } = await answer
        assert.ok(status < 400, `${status} ${body}`)
        assert.notDeepEqual(await countWrites(at, sql), before)
      })
    },

    isRefusedBeforeLastByte({ step, ending, prepare }: Case) {
      it(`is refused, and writes nothing, if ${ending} ends before the last byte: ${step}`, async () => {
        const at = await prepare()
        const { outgoing, answer, rest } = beginRequest(issuer, at)
        if (at.method === 'POST') await once(outgoing, 'continue')
        const before = await inTestTransaction(async (tx) => {
          await ENDINGS[ending](at, clientOfTransaction(tx), tx)
          return countWrites(at, clientOfTransaction(tx))
        })
        outgoing.end(rest)
        assertDenied(await answer)
        assert.deepEqual(await countWrites(at, sql), before)
      })
    },

    isRefusedBehindLock({ step, ending, prepare }: Case) {
      it(`is refused, and writes nothing, if ${ending} ends while the step waits for a lock: ${step}`, async () => {
        const at = await prepare()
        const { before, answer } = await inTestTransaction(async (tx) => {
          const run = clientOfTransaction(tx)
          await run`SELECT FROM users WHERE id = ${at.person.userId} FOR NO KEY UPDATE`
          const sent = beginRequest(issuer, at)
          sent.outgoing.end(sent.rest)
          let isAnswered = false
          void sent.answer.then(() => {
            isAnswered = true
          })
          await waitFor(async () => isAnswered || (await countLockWaits()) > 0)
          assert.equal(isAnswered, false, 'the step takes no lock on its user')
          await ENDINGS[ending](at, run, tx)
          return { before: await countWrites(at, run), answer: sent.answer }
        })
        assertDenied(await answer)
        assert.deepEqual(await countWrites(at, sql), before)
      })
    },
  }
}

/**
 * Every ending of every step. The quick ones are, for each step, one that ends before the last byte, so that each kind of ending
 * occurs, and one that ends while the step waits for a lock.
 */
export function selectCases(world: World) {
  const steps = Object.entries(createSteps(world))
  const cases = steps.map(([step, { endings, prepare }]) => endings.map((ending): Case => ({ step, ending, prepare })))
  const isQuick = (place: number, index: number, count: number) => index === place % count
  return {
    steps,
    quick: {
      beforeLastByte: cases.flatMap((all, place) => all.filter((_case, index) => isQuick(place, index, all.length))),
      behindLock: cases.flatMap((all) => all.slice(0, 1)),
    },
    slow: {
      beforeLastByte: cases.flatMap((all, place) => all.filter((_case, index) => !isQuick(place, index, all.length))),
      behindLock: cases.flatMap((all) => all.slice(1)),
    },
  }
}
