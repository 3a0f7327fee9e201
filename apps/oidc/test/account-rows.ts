import { hash, randomBytes } from 'node:crypto'
import { type AuditedTx, inAudit, systemAuthority } from '@daytona-auth/db/audit'
import { type ApiKeyId, newId } from '@daytona-auth/db/core'
import { insertInvitation } from '@daytona-auth/db/organizations'
import { createEmailVerification } from '@daytona-auth/db/users'
import { peopleOf } from '@daytona-auth/testing'
import { arrive, authorizationRequest, send, type Visitor } from './browser/visitor.ts'
import { DASHBOARD, type Person, type TestProvider } from './fixture.ts'

const TEST_AUTHORITY = systemAuthority('test')

/** What people have in a provider under test, and the tokens that the API mails. */
export function rowsIn({ database, issuer }: TestProvider) {
  const change = <T>(work: (tx: AuditedTx) => Promise<T>): Promise<T> => inAudit(database, TEST_AUTHORITY, [], work)
  const inAnHour = () => new Date(Date.now() + 3_600_000)

  return {
    people: peopleOf(database),
    change,
    async keyStatus(id: ApiKeyId): Promise<string | undefined> {
      const [row] = await database.$client`SELECT status FROM api_keys WHERE id = ${id}`
      return row?.['status']
    },
    async verificationToken({ userId, email }: Person): Promise<string> {
      const token = randomBytes(32).toString('base64url')
      const mail = { email, tokenDigest: hash('sha256', token, 'buffer'), expiresAt: inAnHour() }
      await change((tx) => createEmailVerification(tx, userId, mail))
      return token
    },
    async invitationToken(inviter: Person, email: string): Promise<string> {
      const token = randomBytes(32).toString('base64url')
      const content = {
        email,
        role: 'member' as const,
        roleIds: [],
        invitedBy: inviter.userId,
        expiresAt: inAnHour(),
        tokenDigest: hash('sha256', token, 'buffer'),
      }
      await change((tx) => insertInvitation(tx, inviter.organizationId, newId('inv'), content))
      return token
    },
    /** Whether a person can sign in to the dashboard with a password. */
    async canSignIn(visit: Visitor, { email }: Person, password: string): Promise<boolean> {
      const { clientId, redirectUri } = DASHBOARD(issuer)
      const page = await arrive(visit, authorizationRequest(issuer, { client_id: clientId, redirect_uri: redirectUri }))
      return (await send(visit, page, 'sign-in', { email, password })).status === 303
    },
  }
}
