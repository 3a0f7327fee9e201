import { type Language, mailLanguage } from '@daytona-auth/accounts/language/language'
import { recoveredMail } from '@daytona-auth/accounts/mail/recovery-mail'
import { digestOf } from '@daytona-auth/auth'
import { endedKeyEntries } from '@daytona-auth/db/api-keys'
import { type AuditActor, type AuditEntry, auditEntry, inAudit } from '@daytona-auth/db/audit'
import type { OrganizationId, UserId } from '@daytona-auth/db/core'
import {
  createMailedToken,
  type EndedUserAccess,
  endUserAccess,
  endUserKeys,
  findAccountById,
  lockAccount,
  readUserAccess,
  redeemMailedToken,
  requirePasswordWithPasskeys,
  setPasswordHash,
  verifyAccountEmail,
} from '@daytona-auth/db/users'
import type { FastifyBaseLogger } from 'fastify'
import { endedAccessEntries, invalidateAccess } from '../interaction/ended-access.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { stepAuthority } from '../interaction/step-authority.ts'

/** A redeemed link, and where it was redeemed from. */
export interface MailedStep {
  readonly token: string
  readonly userId: UserId
  readonly address: string
  readonly userAgent: string | null
  readonly language: Language
}

/** The password was changed; `keys` API keys continue to work. Undefined if the link is not redeemable any more. */
export type Recovered = { readonly keys: number } | undefined

/**
 * Replaces the password of an account with a verified address, ends its sessions and grants, and mails that to the address.
 * API keys stay, and the mail has a link to revoke them. `password` was checked.
 */
export async function recoverAccount(
  interactionContext: InteractionContext,
  { token, userId, address, userAgent, language }: MailedStep,
  password: string,
  logger: Pick<FastifyBaseLogger, 'warn'>,
): Promise<Recovered> {
  const { context, database, hasher, runAfterResponse } = interactionContext
  const account = await findAccountById(database, userId)
  if (!account) return undefined
  const { email, personalOrganizationId: organizationId } = account
  const passwordHash = await hasher.hash(password)
  const minted = recoveredMail({
    to: email,
    issuer: context.config.ISSUER,
    now: context.now(),
    translation: context.mailsIn(mailLanguage(account.language, language)),
  })
  const { tokenDigest, expiresAt } = minted
  const actor = actorOf({ userId, email, address, userAgent })
  const ended = await inAudit<(EndedUserAccess & { readonly hasLink: boolean }) | undefined>(
    database,
    stepAuthority('recovery link', { userId }),
    (access) => (access ? accessEntries(actor, organizationId, access) : []),
    async (tx) => {
      const locked = await lockAccount(tx, userId)
      // The creator of an account with an unverified address must not keep what it contains: see `takeOver`.
      if (!locked?.emailVerified || !(await redeemMailedToken(tx, 'recovery', digestOf(token), userId)))
        return undefined
      await setPasswordHash(tx, userId, passwordHash)
      await verifyAccountEmail(tx, userId)
      // A stranger who knew the password may have added one. A mail alone does not remove a second factor.
      await requirePasswordWithPasskeys(tx, userId)
      const access = await endUserAccess(tx, userId, 'a new password was chosen')
      return {
        ...access,
        hasLink: await createMailedToken(tx, userId, 'key-revocation', { email, tokenDigest, expiresAt }),
      }
    },
  )
  if (!ended) return undefined
  invalidateAccess(interactionContext, ended)
  const { activeApiKeys } = await readUserAccess(database, userId)
  runAfterResponse(async () => {
    const mail = minted.mailOf({ keys: activeApiKeys, hasLink: ended.hasLink })
    await context.mailer?.send(mail).catch((error: unknown) => logger.warn({ err: error, userId }, 'mail failed'))
  })
  return { keys: activeApiKeys }
}

/** Revokes every API key of an account. Returns their number; undefined if the link is not redeemable any more. */
export async function revokeKeys(
  interactionContext: InteractionContext,
  { token, userId, address, userAgent }: MailedStep,
): Promise<number | undefined> {
  const { database } = interactionContext
  const account = await findAccountById(database, userId)
  if (!account) return undefined
  const actor = actorOf({ userId, email: account.email, address, userAgent })
  const keys = await inAudit<Awaited<ReturnType<typeof endUserKeys>> | undefined>(
    database,
    stepAuthority('key revocation link', { userId }),
    (ended) =>
      ended
        ? [
            auditEntry('user.revoke_keys', {
              ...actor,
              organizationId: account.personalOrganizationId,
              targetId: userId,
              statusCode: 200,
              metadata: { endedKeys: ended.length },
            }),
            ...endedKeyEntries(actor, ended, { endedBy: `user.revoke_keys ${userId}` }),
          ]
        : [],
    async (tx) => {
      const isRedeemed = await redeemMailedToken(tx, 'key-revocation', digestOf(token), userId)
      return isRedeemed ? endUserKeys(tx, userId) : undefined
    },
  )
  if (!keys) return undefined
  invalidateAccess(interactionContext, { grants: [], keys })
  return keys.length
}

function accessEntries(actor: AuditActor, organizationId: OrganizationId, access: EndedUserAccess): AuditEntry[] {
  const { sessions, grants, keys } = access
  const targetId = String(actor.actorId)
  const endedBy = `user.recover ${targetId}`
  return [
    auditEntry('user.recover', {
      ...actor,
      organizationId,
      targetId,
      statusCode: 200,
      metadata: { endedSessions: sessions, endedGrants: grants.length, endedKeys: keys.length },
    }),
    ...endedAccessEntries(actor, organizationId, access, endedBy),
  ]
}

const actorOf = ({
  userId,
  email,
  address,
  userAgent,
}: Omit<MailedStep, 'token' | 'language'> & { readonly email: string }): AuditActor => ({
  actorId: userId,
  actorEmail: email,
  ipAddress: address,
  userAgent,
  source: 'provider',
})
