import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AUDIT_ACTIONS, auditActions } from '@daytona-auth/db/audit'
import { GERMAN } from '../../pages/german/german.ts'
import { describeEvent } from './history.ts'

/** Those of `list_account_events`. */
const TARGETS = ['user', 'session', 'oauth_app', 'grant']
/** A personal organization has no other members, and no identity provider. */
const NEVER_PERSONAL = /^(?:member|organization)\./

describe('an event of the security history', () => {
  for (const action of auditActions()) {
    const { targetType } = AUDIT_ACTIONS[action]
    if (!TARGETS.includes(targetType) || NEVER_PERSONAL.test(action)) continue
    it(`is described in each language: ${action}`, () => {
      for (const statusCode of [200, 401]) {
        const { what } = describeEvent({ action, statusCode, clientName: null })
        assert.ok(typeof what === 'string' && Object.hasOwn(GERMAN, what), JSON.stringify(what))
      }
    })
  }
})
