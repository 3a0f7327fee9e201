import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import {
  endPreviousSecrets,
  expireApiKeys,
  insertApiKey,
  removeApiKeyOrganization,
  renameApiKey,
  revokeApiKey,
  rotateApiKey,
  updateApiKey,
} from '../src/api-keys/index.ts'
import type { AuditedTx } from '../src/audit/index.ts'
import {
  deleteAppDecision,
  deleteClientSecrets,
  deleteOauthApp,
  insertClientSecret,
  insertOauthApp,
  setAppDecision,
  updateOauthApp,
} from '../src/clients/index.ts'
import { newId } from '../src/core/index.ts'
import { endClientInSession, endSession, revokeGrant, saveConsent } from '../src/grants/index.ts'
import {
  deleteOrganization,
  deleteRole,
  insertMember,
  insertOrganization,
  insertRole,
  removeMember,
  setMemberAccess,
  updateOrganization,
  updateRole,
} from '../src/organizations/index.ts'
import {
  choosePreferences,
  createEmailVerification,
  createMailedToken,
  endOtherUserAccess,
  endUserAccess,
  endUserKeys,
  endUserSession,
  redeemEmailVerification,
  removeAuthorizedApp,
  renameUser,
  replacePasswordHash,
  setAccountDisabled,
  setPasswordHash,
  verifyAccountEmail,
} from '../src/users/index.ts'
import { notificationsOf } from './notified.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change, rolledBack } = transactionsOn(database)
const notified = await notificationsOf(database)

/** An organization with an owner, a member with a role, a key with a child, and an app with a grant in a session. */
async function scene() {
  const [owner, user, stranger] = [await rows.user(), await rows.user(), await rows.user()]
  const [home, other] = [await rows.organization(owner), await rows.organization(owner)]
  const role = await rows.role(home, ['read:volumes'])
  for (const organization of [home, other])
    await rows.member(organization, user, 'member', organization === home ? [role] : [])
  const app = await rows.client({ organization: home, scopes: ['openid', 'read:volumes'] })
  const session = await rows.session(user)
  const grant = await rows.grant(user, app, {
    sessionUid: session,
    scopes: ['openid', 'read:volumes'],
    organizationIds: [home, other],
  })
  await sql`INSERT INTO consents (user_id, client_id, scopes) VALUES (${user}, ${app}, '{openid}')`
  const key = await rows.key(user, home, {
    name: 'key',
    reaches: [home, other],
    permissions: ['read:volumes', 'write:volumes'],
  })
  const child = await rows.key(user, home, { name: 'child', parentKey: key, permissions: ['write:volumes'] })
  await rows.secret(key)
  await rows.secret(key, { expiresIn: '1 hour' })
  const token = randomBytes(32)
  await sql`INSERT INTO email_verifications (user_id, email, token_digest, expires_at)
    VALUES (${user}, ${`${user}@example.com`}, ${token}, now() + interval '1 hour')`
  return { owner, user, stranger, home, other, role, app, session, grant, key, child, token, created: newId('key') }
}
type Scene = Awaited<ReturnType<typeof scene>>

/** Every change, with the notifications by which other processes evict what depends on it. None: nothing cached does. */
const CHANGES: Record<string, readonly [(tx: AuditedTx, here: Scene) => Promise<unknown>, (here: Scene) => string[]]> =
  {
    insertApiKey: [
      (tx, { created, user, home }) =>
        insertApiKey(
          tx,
          home,
          { id: created, userId: user, name: 'new', permissions: [], expiresAt: null, organizationIds: [] },
          { digest: randomBytes(32), hint: 'x' },
        ),
      ({ created }) => [`key:${created}`],
    ],
    renameApiKey: [(tx, { key, user }) => renameApiKey(tx, key, user, 'renamed'), ({ key }) => [`key:${key}`]],
    updateApiKey: [(tx, { child }) => updateApiKey(tx, child, { permissions: [] }), ({ child }) => [`key:${child}`]],
    'updateApiKey, which narrows its child': [
      (tx, { key }) => updateApiKey(tx, key, { permissions: ['read:volumes'] }),
      ({ key, child }) => [`key:${key}`, `key:${child}`],
    ],
    'updateApiKey of a description': [(tx, { key }) => updateApiKey(tx, key, { description: 'x' }), () => []],
    rotateApiKey: [
      (tx, { key }) =>
        rotateApiKey(tx, key, { digest: randomBytes(32), hint: 'x' }, { graceSeconds: 0, expiresAt: undefined }),
      ({ key }) => [`key:${key}`],
    ],
    endPreviousSecrets: [(tx, { key }) => endPreviousSecrets(tx, key), ({ key }) => [`key:${key}`]],
    revokeApiKey: [
      (tx, { key, home }) => revokeApiKey(tx, home, key),
      ({ key, child }) => [`key:${key}`, `key:${child}`],
    ],
    removeApiKeyOrganization: [
      (tx, { key, other }) => removeApiKeyOrganization(tx, other, key),
      ({ key }) => [`key:${key}`],
    ],
    expireApiKeys: [
      async (tx, { child }) => {
        await updateApiKey(tx, child, { expiresAt: new Date(0) })
        return expireApiKeys(tx, 10)
      },
      ({ child }) => [`key:${child}`],
    ],
    'setAppDecision, new and changed': [
      async (tx, { home, app, owner }) => {
        for (const decision of ['blocked', 'approved'] as const) {
          await setAppDecision(tx, home, { clientId: app, decision, decidedBy: owner })
        }
      },
      ({ home }) => [`organization:${home}`],
    ],
    deleteAppDecision: [
      async (tx, { home, app, owner }) => {
        await setAppDecision(tx, home, { clientId: app, decision: 'blocked', decidedBy: owner })
        return deleteAppDecision(tx, home, app)
      },
      ({ home }) => [`organization:${home}`],
    ],
    'updateOrganization of its app access': [
      (tx, { home }) => updateOrganization(tx, home, { appAccess: 'by_approval' }),
      ({ home }) => [`organization:${home}`],
    ],
    insertMember: [
      (tx, { home, stranger }) => insertMember(tx, home, stranger, { role: 'member', roleIds: [] }),
      ({ stranger }) => [`user:${stranger}`],
    ],
    'setMemberAccess, the role': [
      (tx, { home, user, role }) => setMemberAccess(tx, home, user, { role: 'owner', roleIds: [role] }),
      ({ user }) => [`user:${user}`],
    ],
    'setMemberAccess, the assigned roles': [
      (tx, { home, user }) => setMemberAccess(tx, home, user, { role: 'member', roleIds: [] }),
      ({ user }) => [`user:${user}`],
    ],
    removeMember: [
      (tx, { other, user }) => removeMember(tx, other, user),
      ({ user, key, grant }) => [`user:${user}`, `key:${key}`, `grant:${grant}`],
    ],
    insertRole: [
      (tx, { home }) => insertRole(tx, home, newId('role'), { name: 'New', description: '', permissions: [] }),
      () => [],
    ],
    updateRole: [
      (tx, { home, role }) => updateRole(tx, home, role, { name: 'R', description: '', permissions: [] }),
      ({ home }) => [`organization:${home}`],
    ],
    deleteRole: [
      (tx, { home, role }) => deleteRole(tx, home, role),
      ({ home, user }) => [`organization:${home}`, `user:${user}`],
    ],
    insertOrganization: [
      (tx, { user }) => insertOrganization(tx, newId('org'), { name: 'New', createdBy: user }),
      ({ user }) => [`user:${user}`],
    ],
    updateOrganization: [
      (tx, { home }) => updateOrganization(tx, home, { name: 'Renamed', requireSecondFactor: true }),
      ({ home }) => [`organization:${home}`],
    ],
    deleteOrganization: [
      (tx, { home }) => deleteOrganization(tx, home),
      ({ home, owner, user, app, key, child, grant }) => [
        `organization:${home}`,
        `user:${owner}`,
        `user:${user}`,
        `client:${app}`,
        `key:${key}`,
        `key:${child}`,
        `grant:${grant}`,
      ],
    ],
    renameUser: [(tx, { user }) => renameUser(tx, user, 'Grace'), ({ user }) => [`user:${user}`]],
    choosePreferences: [
      (tx, { user }) => choosePreferences(tx, user, { chosenLanguage: 'de', timeZone: 'UTC' }, 'en'),
      ({ user }) => [`user:${user}`],
    ],
    redeemEmailVerification: [
      (tx, { user, token }) => redeemEmailVerification(tx, token, user),
      ({ user }) => [`user:${user}`],
    ],
    createEmailVerification: [
      (tx, { owner }) =>
        createEmailVerification(tx, owner, {
          email: 'a@example.com',
          tokenDigest: randomBytes(32),
          expiresAt: new Date(),
        }),
      () => [],
    ],
    createMailedToken: [
      (tx, { owner }) =>
        createMailedToken(tx, owner, 'recovery', {
          email: 'a@example.com',
          tokenDigest: randomBytes(32),
          expiresAt: new Date(),
        }),
      () => [],
    ],
    endOtherUserAccess: [
      (tx, { user }) => endOtherUserAccess(tx, user, 'another', 'x'),
      ({ grant }) => [`grant:${grant}`],
    ],
    'endOtherUserAccess, from the session of a grant': [
      (tx, { user, session }) => endOtherUserAccess(tx, user, session, 'x'),
      () => [],
    ],
    endUserKeys: [(tx, { user }) => endUserKeys(tx, user), ({ key, child }) => [`key:${key}`, `key:${child}`]],
    setPasswordHash: [(tx, { user }) => setPasswordHash(tx, user, 'x'), () => []],
    replacePasswordHash: [(tx, { user }) => replacePasswordHash(tx, user, 'x', 'y'), () => []],
    revokeGrant: [(tx, { grant }) => revokeGrant(tx, grant, 'x'), ({ grant }) => [`grant:${grant}`]],
    endSession: [(tx, { session }) => endSession(tx, session, 'x'), ({ grant }) => [`grant:${grant}`]],
    endClientInSession: [
      (tx, { session, app }) => endClientInSession(tx, session, app, 'x'),
      ({ grant }) => [`grant:${grant}`],
    ],
    endUserSession: [
      (tx, { session, user }) => endUserSession(tx, user, session, 'x'),
      ({ grant }) => [`grant:${grant}`],
    ],
    endUserAccess: [(tx, { user }) => endUserAccess(tx, user, 'x'), ({ grant }) => [`grant:${grant}`]],
    setAccountDisabled: [
      (tx, { user }) => setAccountDisabled(tx, user, true, 'x'),
      ({ user, grant }) => [`grant:${grant}`, `user:${user}`],
    ],
    verifyAccountEmail: [(tx, { user }) => verifyAccountEmail(tx, user), ({ user }) => [`user:${user}`]],
    removeAuthorizedApp: [
      (tx, { user, app }) => removeAuthorizedApp(tx, user, app, 'x'),
      ({ grant }) => [`grant:${grant}`],
    ],
    saveConsent: [
      (tx, { user, app, home }) =>
        saveConsent(tx, {
          userId: user,
          clientId: app,
          scopes: ['openid'],
          permissions: ['read:volumes'],
          organizationIds: [home],
        }),
      () => [],
    ],
    insertOauthApp: [
      (tx, { home }) =>
        insertOauthApp(tx, home, { id: 'app_new', name: 'New', type: 'spa', redirectUris: [], scopes: [] }, undefined),
      () => ['client:app_new'],
    ],
    'updateOauthApp, which takes a scope': [
      (tx, { home, app }) => updateOauthApp(tx, home, app, { scopes: [] }),
      ({ app, grant }) => [`client:${app}`, `grant:${grant}`],
    ],
    insertClientSecret: [
      (tx, { app }) => insertClientSecret(tx, app, { name: 'next', digest: randomBytes(32), hint: '' }),
      ({ app }) => [`client:${app}`],
    ],
    'insertClientSecret and deleteClientSecrets': [
      async (tx, { app }) => {
        const { id } = await insertClientSecret(tx, app, { name: 'next', digest: randomBytes(32), hint: '' })
        await deleteClientSecrets(tx, app, [id])
      },
      ({ app }) => [`client:${app}`],
    ],
    deleteOauthApp: [
      (tx, { home, app }) => deleteOauthApp(tx, home, app),
      ({ app, grant }) => [`client:${app}`, `grant:${grant}`],
    ],
  }

describe('other processes are notified', () => {
  for (const [what, [make, expected]] of Object.entries(CHANGES)) {
    it(`of ${what}, on commit and not on rollback`, async () => {
      const here = await scene()
      assert.deepEqual(await notified(() => rolledBack((tx) => make(tx, here))), [])
      assert.deepEqual(await notified(() => change((tx) => make(tx, here))), expected(here).toSorted())
    })
  }
})
