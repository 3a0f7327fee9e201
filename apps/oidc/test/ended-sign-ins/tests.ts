import assert from 'node:assert/strict'
import { it } from 'node:test'
import { endPendingSignIns } from '@daytona-auth/db/users'
import { waitFor } from '@daytona-auth/testing'
import type { Answer } from '../browser/visitor.ts'
import type { TestClient } from '../fixture.ts'
import { createOrigins, lock, type Origin } from './origins.ts'
import type { MadeSignIn, World } from './world.ts'

const MOMENTS = ['before its browser continues', 'while its storage waits for a lock'] as const

/** A sign-in that ends at a moment, at a client. */
export interface Case {
  readonly origin: string
  readonly moment: (typeof MOMENTS)[number]
  readonly client: string
}

/** The tests of a sign-in that ends before its session is stored. */
export function createTests(world: World) {
  const { sql, app, dashboard, change, givesTokens, isSignedIn } = world
  const origins = createOrigins(world)
  // The dashboard's grant is inserted before the session is stored; an app with a consent page has the session alone.
  const clients: Record<string, TestClient> = { 'the dashboard': dashboard, 'an app': app }

  const isLockAwaited = async () =>
    (await sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).length > 0

  /** Ends the sign-in, and lets its browser continue at that moment. */
  async function endAt(moment: Case['moment'], made: MadeSignIn, end: Origin['end']): Promise<Answer> {
    const ending = await change(async (tx) => {
      await lock(tx, made)
      await end(tx, made)
      if (moment === 'before its browser continues') return { resumed: undefined }
      let isAnswered = false
      const resumed = made.visit.get(made.resume).finally(() => {
        isAnswered = true
      })
      await waitFor(async () => isAnswered || (await isLockAwaited()))
      return { resumed }
    })
    return (await ending.resumed) ?? made.visit.get(made.resume)
  }

  const cases = Object.keys(origins).map((origin) =>
    MOMENTS.flatMap((moment) => Object.keys(clients).map((client): Case => ({ origin, moment, client }))),
  )
  const isQuick = (place: number, index: number) => index === place % 4
  return {
    origins: Object.keys(origins),
    quick: cases.flatMap((all, place) => all.filter((_case, index) => isQuick(place, index))),
    slow: cases.flatMap((all, place) => all.filter((_case, index) => !isQuick(place, index))),

    beginsNothing({ origin, moment, client }: Case) {
      it(`begins no session at ${client}, ended ${moment}: ${origin}`, async () => {
        const { signIn, end } = origins[origin] as Origin
        const made = await signIn(clients[client] as TestClient)
        const answer = await endAt(moment, made, end)
        assert.equal(await isSignedIn(made.visit), false)
        assert.equal(await givesTokens(made, answer), false)
        // Nor does a later end, which keeps stored sessions, bring it back. The list of sessions has no ended one.
        await change(async (tx) => {
          await lock(tx, made)
          await endPendingSignIns(tx, made.userId)
        })
        assert.equal(await isSignedIn(made.visit), false)
        const ended = await sql`
          SELECT uid FROM oidc_artifacts JOIN users ON users.id = account_id
          WHERE model = 'Session' AND users.id = ${made.userId}
            AND (payload ->> 'signInVersion')::int IS DISTINCT FROM sign_in_version`
        assert.deepEqual([...ended], [])
      })
    },

    beginsOne(origin: string) {
      it(`begins a session if nothing ends: ${origin}`, async () => {
        const made = await (origins[origin] as Origin).signIn(dashboard)
        const answer = await made.visit.get(made.resume)
        assert.equal(await givesTokens(made, answer), true)
        assert.equal(await isSignedIn(made.visit), true)
      })
    },
  }
}
