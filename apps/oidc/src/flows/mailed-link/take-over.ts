import type { Language } from '@daytona-auth/accounts/language/language'
import { takenOverMail } from '@daytona-auth/accounts/mail/recovery-mail'
import { type AccountProblems, checkAccount } from '@daytona-auth/accounts/new-account'
import { digestOf } from '@daytona-auth/auth'
import { type AuditEntry, auditEntry, callerAuthority, inAudit } from '@daytona-auth/db/audit'
import { deletedAccountEntries, findAccountByEmail, type Takeover, takeOverAccount } from '@daytona-auth/db/users'
import type { FastifyBaseLogger } from 'fastify'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { LINKS, type MailedLinkKind } from './redeem.ts'

export interface TakeoverAttempt {
  readonly token: string
  /** The address that the mail was sent to. */
  readonly email: string
  readonly name: string
  readonly password: string
  readonly address: string
  readonly userAgent: string | null
  readonly language: Language
}

export type TakeoverOutcome =
  | { readonly kind: 'signed-up' }
  /** The link or the account is not what it was when the page was shown. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'blocked' }
  | { readonly kind: 'wrong'; readonly problems: AccountProblems }
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number }

/**
 * Lets the holder of a mailed token replace an account that someone else created with the address: it was never verified, so
 * its password proves nothing. See `takeOverAccount`. Counts as a sign-up, before its content is checked.
 * @throws PasswordCheckOverloaded, HashingOverloaded
 */
export async function takeOver(
  { context, database, checker, hasher, limits, runAfterResponse }: InteractionContext,
  kind: MailedLinkKind,
  attempt: TakeoverAttempt,
  logger: Pick<FastifyBaseLogger, 'warn'>,
): Promise<TakeoverOutcome> {
  const retryAfterSeconds = await limits.signUp(attempt.address)
  if (retryAfterSeconds !== undefined) return { kind: 'too-many', retryAfterSeconds }
  const { account: given, problems } = await checkAccount(attempt, checker)
  if (!given) return { kind: 'wrong', problems }
  const previous = await findAccountByEmail(database, attempt.email)
  if (!previous) return { kind: 'gone' }

  const replacedUserId = previous.userId
  const passwordHash = await hasher.hash(given.password)
  const { by, use } = LINKS[kind]
  const digest = digestOf(attempt.token)
  const result = await inAudit<Takeover>(
    database,
    // The token is the credential: the transaction consumes it under its locks, or changes nothing.
    callerAuthority('mailed link', async () => undefined),
    (taken) => (taken.outcome === 'taken-over' ? entriesOf(taken) : []),
    (tx) =>
      takeOverAccount(tx, replacedUserId, {
        name: given.name,
        passwordHash,
        language: attempt.language,
        redeem: (locked, userId) => use(locked, digest, userId),
      }),
  )
  if (result.outcome === 'blocked') return { kind: 'blocked' }
  if (result.outcome !== 'taken-over') return { kind: 'gone' }
  const { deletion, created, email } = result
  for (const { id } of deletion.grants) context.invalidate({ kind: 'grant', id })
  context.invalidate({ kind: 'user', id: replacedUserId })
  runAfterResponse(async () => {
    const mail = takenOverMail({
      to: email,
      userId: created.userId,
      translation: context.mailsIn(attempt.language),
    })
    await context.mailer
      ?.send(mail)
      .catch((error: unknown) => logger.warn({ err: error, userId: created.userId }, 'mail failed'))
  })
  return { kind: 'signed-up' }

  function entriesOf({
    created: { userId, organizationId },
    deletion,
    email,
  }: Extract<Takeover, { created: unknown }>) {
    const actor = {
      actorId: userId,
      actorEmail: email,
      ipAddress: attempt.address,
      userAgent: attempt.userAgent,
      source: 'provider',
    }
    return [
      ...deletedAccountEntries(actor, replacedUserId, deletion, 'the holder of the address took over the account'),
      auditEntry('user.take_over', {
        ...actor,
        organizationId,
        targetId: userId,
        statusCode: 200,
        metadata: { by, replacedUserId },
      }),
    ] satisfies AuditEntry[]
  }
}
