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
  isTerminal: true,
  origin: ORIGIN,
}

describe('formatAnnouncement', () => {
  for (const [when, summary] of [
    ['that is not a terminal', { ...ON_A_TERMINAL, isTerminal: false }],
    ['at a later start', { ...ON_A_TERMINAL, outcome: { kind: 'existing', credentials: CREDENTIALS } }],
  ] satisfies [string, StartSummary][]) {
    it(`prints where the credentials are, and none of them, to an output ${when}`, () => {
      assert.equal(
        formatAnnouncement(summary),
        'data in /srv/.data\nfirst account and key in /srv/.data/credentials.json\nready on http://localhost:3000\n',
      )
    })
  }

  it('does not point to credentials that belong to another installation', () => {
    assert.equal(
      formatAnnouncement({ ...ON_A_TERMINAL, outcome: { kind: 'foreign' }, databasePath: undefined }),
      'data in /srv/.data, and in the database of DATABASE_URL\n' +
        'the database was set up by another installation: its credentials are in the data directory of that one\n' +
        'ready on http://localhost:3000\n',
    )
  })

  it('shows the credentials and three curl lines on a terminal at the first start', () => {
    const text = formatAnnouncement(ON_A_TERMINAL)
    const { user, organizationId, apiKey } = CREDENTIALS
    for (const shown of [user.email, user.password, organizationId, apiKey]) assert.ok(text.includes(shown))
    assert.equal(text.split('\n').filter((line) => /\bcurl\b.* http:\/\/localhost:3000\//.test(line)).length, 3)
    assert.ok(text.endsWith('\nready on http://localhost:3000\n'))
  })
})
