import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '@daytona-auth/db/core'
import { formatAnnouncement, type StartSummary } from './announcement.ts'
import type { Credentials } from './credentials.ts'

const ORIGIN = 'http://localhost:3000'
const CREDENTIALS: Credentials = {
  issuer: ORIGIN,
  apiUrl: ORIGIN,
  user: { email: 'owner@localhost.localdomain', password: 'correct horse battery', id: newId('usr') },
  organizationId: newId('org'),
  apiKey: 'dta_000000000000000000000000000000000000000000000000',
}

const ON_A_TERMINAL: StartSummary = {
  outcome: { kind: 'created', credentials: CREDENTIALS },
  credentialsFile: '/srv/.data/credentials.json',
  dataPath: '/srv/.data',
  databasePath: '/srv/.data/postgres',
  outboxPath: undefined,
  isTerminal: true,
  origin: ORIGIN,
  dashboardUrl: `${ORIGIN}/dashboard`,
}

/** The last lines of every announcement. */
const READY = 'dashboard on http://localhost:3000/dashboard\nready on http://localhost:3000\n'

describe('formatAnnouncement', () => {
  for (const [when, summary] of [
    ['that is not a terminal', { ...ON_A_TERMINAL, isTerminal: false }],
    ['at a later start', { ...ON_A_TERMINAL, outcome: { kind: 'existing', credentials: CREDENTIALS } }],
  ] satisfies [string, StartSummary][]) {
    it(`prints where the credentials are, and none of them, to an output ${when}`, () => {
      assert.equal(
        formatAnnouncement(summary),
        `data in /srv/.data\nfirst account and key in /srv/.data/credentials.json\n${READY}`,
      )
    })
  }

  it('does not point to credentials that belong to another installation', () => {
    assert.equal(
      formatAnnouncement({ ...ON_A_TERMINAL, outcome: { kind: 'foreign' }, databasePath: undefined }),
      'data in /srv/.data, and in the database of DATABASE_URL\n' +
        'the database was set up by another installation: its credentials are in the data directory of that one\n' +
        READY,
    )
  })

  it('prints where mails are if none is sent', () => {
    const text = formatAnnouncement({ ...ON_A_TERMINAL, isTerminal: false, outboxPath: '/srv/.data/outbox' })
    assert.match(text, /^mails in \/srv\/\.data\/outbox, because SMTP_URL is not set$/m)
  })

  it('shows how to sign in on a terminal at the first start, and no API key', () => {
    const text = formatAnnouncement(ON_A_TERMINAL)
    const { user, apiKey } = CREDENTIALS
    for (const shown of [user.email, user.password, `Sign in to ${ORIGIN}/dashboard`]) assert.ok(text.includes(shown))
    assert.ok(!text.includes(apiKey))
    assert.ok(text.endsWith(`\n${READY}`))
  })
})
