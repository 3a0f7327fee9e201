import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '@daytona-auth/db'
import { announcement, type Situation } from './announcement.ts'
import type { Credentials } from './credentials.ts'

const ORIGIN = 'http://localhost:3000'
const CREDENTIALS: Credentials = {
  issuer: ORIGIN,
  apiUrl: ORIGIN,
  user: { email: 'owner@localhost.localdomain', password: 'correct horse battery', id: newId('usr') },
  organizationId: newId('org'),
  apiKey: 'dta_000000000000000000000000000000000000000000000000',
}

const ON_A_TERMINAL: Situation = {
  outcome: { kind: 'first', credentials: CREDENTIALS },
  credentialsFile: '/srv/.data/credentials.json',
  dataPath: '/srv/.data',
  databasePath: '/srv/.data/postgres',
  isTerminal: true,
  origin: ORIGIN,
}

describe('announcement', () => {
  for (const [when, situation] of [
    ['that is not a terminal', { ...ON_A_TERMINAL, isTerminal: false }],
    ['at a later start', { ...ON_A_TERMINAL, outcome: { kind: 'known', credentials: CREDENTIALS } }],
  ] satisfies [string, Situation][]) {
    it(`says where the credentials are, and none of them, to an output ${when}`, () => {
      assert.equal(
        announcement(situation),
        'data in /srv/.data\nfirst account and key in /srv/.data/credentials.json\nready on http://localhost:3000\n',
      )
    })
  }

  it('says nothing of credentials that are those of another installation', () => {
    assert.equal(
      announcement({ ...ON_A_TERMINAL, outcome: { kind: 'foreign' }, databasePath: undefined }),
      'data in /srv/.data, and in the database of DATABASE_URL\n' +
        'the database was set up elsewhere: its first credentials are there\nready on http://localhost:3000\n',
    )
  })

  it('shows the credentials and three curl lines to a person who starts it for the first time', () => {
    const text = announcement(ON_A_TERMINAL)
    const { user, organizationId, apiKey } = CREDENTIALS
    for (const shown of [user.email, user.password, organizationId, apiKey]) assert.ok(text.includes(shown))
    assert.equal(text.split('\n').filter((line) => /\bcurl\b.* http:\/\/localhost:3000\//.test(line)).length, 3)
    assert.ok(text.endsWith('\nready on http://localhost:3000\n'))
  })
})
