import { accountLanguage, type Language } from '@daytona-auth/accounts/language/language'
import { factorResetNotice, factorsRemovedMail } from '@daytona-auth/accounts/mail/factor-reset-mail'
import type { MailTranslation } from '@daytona-auth/accounts/mail/mail-translations'
import { type AuditEntry, auditEntry, inAudit, SCHEDULED_TASK } from '@daytona-auth/db/audit'
import { type Database, normalizeEmail } from '@daytona-auth/db/core'
import {
  advanceFactorReset,
  cancelFactorReset,
  claimFactorResets,
  deletePasskeys,
  deleteTotpFactor,
  type EndedUserAccess,
  endUserAccess,
  type FactorReset,
  findAccountById,
  findFactorReset,
  insertFactorResetLinks,
  type LockedAccount,
  listIdentities,
  lockAccount,
} from '@daytona-auth/db/users'
import type { Mailer } from '@daytona-auth/service'
import type { FastifyBaseLogger } from 'fastify'
import { endedAccessEntries } from '../interaction/ended-access.ts'

export interface FactorResetTask {
  readonly database: Database
  readonly mailer: Mailer
  readonly issuer: string
  /** Returns the texts of mails. These have the language of the account, which a stranger who starts a removal cannot set. */
  readonly mailsIn: (language: Language) => MailTranslation
  /** The waiting time in milliseconds. */
  readonly waitMs: number
  readonly logger: Pick<FastifyBaseLogger, 'warn'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

const BATCH = 100
const DAY_MS = 24 * 60 * 60 * 1000
/** Longer than the mails of one account take; then another process repeats the step. */
const LEASE_MS = 5 * 60 * 1000
const SYSTEM = { actorId: null, actorEmail: null, source: 'system' } as const

/**
 * Takes every pending removal of second factors a step further that is due: announces it to all addresses of the account,
 * reminds of it a day before its end (of a shorter wait, at half), and then removes the factors. A step whose mails were not
 * accepted is repeated, and the end moves: nothing is removed that was not announced for the whole waiting time.
 * Returns the number of steps.
 */
export async function advanceFactorResets(task: FactorResetTask, signal?: AbortSignal): Promise<number> {
  const due = await claimFactorResets(task.database, { now: new Date(task.now()), leaseMs: LEASE_MS, limit: BATCH })
  let steps = 0
  for (const reset of due) {
    if (signal?.aborted) break
    try {
      await (reset.stage === 'reminded' ? complete(task, reset) : notify(task, reset))
      steps += 1
    } catch (error) {
      task.logger.warn({ err: error, userId: reset.userId }, 'removal of second factors delayed')
    }
  }
  return steps
}

/** Mails the announcement or the reminder. The links are stored before, so that every mail that arrives can cancel. */
async function notify(
  { database, mailer, issuer, mailsIn, waitMs, now }: FactorResetTask,
  reset: FactorReset,
): Promise<void> {
  const { userId, email, stage } = reset
  const sentAt = now()
  const isAnnouncement = stage === 'requested'
  const leadMs = Math.min(DAY_MS, waitMs / 2)
  // The waiting time starts with the announcement, and the end is at least as far from the reminder as planned.
  const earliest = sentAt + (isAnnouncement ? waitMs : leadMs)
  const endsAt = new Date(Math.max(reset.endsAt.getTime(), earliest))
  const recipients = await addressesOf(database, reset)
  const translation = mailsIn(await languageOf(database, reset))
  const notices = recipients.map((to) =>
    factorResetNotice(isAnnouncement ? 'announcement' : 'reminder', { to, email, issuer, endsAt, translation }),
  )
  const digests = notices.map(({ tokenDigest }) => tokenDigest)
  const isPending = await inAudit<boolean>(
    database,
    SCHEDULED_TASK,
    () => [],
    (tx) => insertFactorResetLinks(tx, userId, digests),
  )
  if (!isPending) return
  for (const { mail } of notices) await mailer.send(mail)
  const next = isAnnouncement
    ? ({ stage: 'announced', dueAt: new Date(endsAt.getTime() - leadMs), endsAt } as const)
    : ({ stage: 'reminded', dueAt: endsAt, endsAt } as const)
  await inAudit(database, SCHEDULED_TASK, [], (tx) => advanceFactorReset(tx, userId, stage, next))
}

type Completion =
  | { readonly kind: 'removed'; readonly account: LockedAccount; readonly ended: EndedUserAccess }
  | { readonly kind: 'cancelled'; readonly account: LockedAccount }
  | undefined

/** Removes the factors under the lock of the account, unless the removal was cancelled or the account changed since. */
async function complete(
  { database, mailer, issuer, mailsIn, logger, now }: FactorResetTask,
  reset: FactorReset,
): Promise<void> {
  const { userId, email } = reset
  const removedAt = now()
  const recipients = await addressesOf(database, reset)
  const translation = mailsIn(await languageOf(database, reset))
  const completed = await inAudit<Completion>(
    database,
    SCHEDULED_TASK,
    (done) => (done ? entriesOf(reset, done) : []),
    async (tx) => {
      const account = await lockAccount(tx, userId)
      const pending = account && (await findFactorReset(tx, userId))
      if (!account || pending?.stage !== 'reminded' || pending.endsAt.getTime() > removedAt) return undefined
      if (account.isDisabled || normalizeEmail(account.email) !== normalizeEmail(email)) {
        await cancelFactorReset(tx, userId)
        return { kind: 'cancelled', account }
      }
      await deletePasskeys(tx, userId)
      await deleteTotpFactor(tx, userId)
      return { kind: 'removed', account, ended: await endUserAccess(tx, userId, 'lost second factors were removed') }
    },
  )
  if (completed?.kind !== 'removed') return
  for (const to of recipients) {
    await mailer
      .send(factorsRemovedMail({ to, email, issuer, translation, now: removedAt }))
      .catch((error: unknown) => logger.warn({ err: error, userId }, 'mail failed'))
  }
}

function entriesOf({ userId }: FactorReset, completion: NonNullable<Completion>): AuditEntry[] {
  const { personalOrganizationId: organizationId } = completion.account
  const own = { ...SYSTEM, organizationId, targetId: userId, statusCode: 200 }
  if (completion.kind === 'cancelled') {
    return [auditEntry('user.cancel_factor_reset', { ...own, metadata: { by: 'change of the account' } })]
  }
  const { sessions, grants, keys } = completion.ended
  return [
    auditEntry('user.complete_factor_reset', {
      ...own,
      metadata: { endedSessions: sessions, endedGrants: grants.length, endedKeys: keys.length },
    }),
    ...endedAccessEntries(SYSTEM, organizationId, { grants, keys }, `user.complete_factor_reset ${userId}`),
  ]
}

/** The verified addresses of an account: its own, and those that linked providers have stated. */
async function addressesOf(database: Database, { userId, email }: FactorReset): Promise<string[]> {
  const identities = await listIdentities(database, userId)
  const others = identities.map((identity) => identity.email)
  return [...new Map([email, ...others].map((address) => [normalizeEmail(address), address])).values()]
}

const languageOf = async (database: Database, { userId }: FactorReset): Promise<Language> =>
  accountLanguage((await findAccountById(database, userId))?.language)
