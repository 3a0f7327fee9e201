import { and, eq, sql } from 'drizzle-orm'
import { SIGN_UP } from '../audit/authority.ts'
import { type AuditActor, type AuditedTx, auditEntry, inAudit } from '../audit/entries.ts'
import type { Database, Queryable } from '../core/client.ts'
import { emailSpellings, matchesEmail, normalizeEmail } from '../core/email-address.ts'
import { newId, type OrganizationId, type UserId } from '../core/id.ts'
import { organizationMembers, organizations } from '../schema/organizations.ts'
import { hasSecondFactorSql } from '../schema/second-factors.ts'
import { mailLanguageSql, userCredentials, users } from '../schema/users.ts'

export interface NewUser {
  /** Created by the insert, unless the initial setup has announced it already. */
  readonly userId?: UserId
  readonly email: string
  readonly name: string
  /** The argon2id hash in PHC form. Null: the user signs in with another provider. */
  readonly passwordHash: string | null
  readonly emailVerified?: boolean
  /** The language of the page that signed the person up. */
  readonly language?: string | undefined
}

export interface CreatedUser {
  readonly userId: UserId
  /** The personal organization. */
  readonly organizationId: OrganizationId
}

/** The facts of an account that a sign-in needs. */
export interface Account {
  readonly userId: UserId
  readonly email: string
  readonly emailVerified: boolean
  readonly name: string
  /** The language of mails, as a BCP 47 tag: the chosen one, otherwise that of the last sign-in; null if there is neither. */
  readonly language: string | null
  /** Null unless the person has chosen one. */
  readonly chosenLanguage: string | null
  /** In the IANA database; null unless the person has chosen one. */
  readonly timeZone: string | null
  readonly disabledAt: Date | null
  /** Null for a user without a password. */
  readonly passwordHash: string | null
  /** Whether a sign-in needs a second factor besides the password. */
  readonly hasSecondFactor: boolean
  /** What a sign-in that is checked by these facts carries: it counts until the account has another one. */
  readonly signInVersion: number
  readonly personalOrganizationId: OrganizationId
}

export interface UserOrganization {
  readonly id: OrganizationId
  readonly name: string
  readonly personal: boolean
  /** Whether it refuses sign-ins without a second factor. */
  readonly requireSecondFactor: boolean
}

/**
 * Creates a user with a password and a personal organization that it owns, and records that there. Undefined if the address
 * is taken: the index decides, not a prior read.
 *
 * @param from the origin, for the audit event
 */
export function createUser(
  db: Database,
  user: NewUser,
  from: Omit<AuditActor, 'actorId' | 'actorEmail'>,
): Promise<CreatedUser | undefined> {
  return inAudit<CreatedUser | undefined>(
    db,
    SIGN_UP,
    (created) =>
      created
        ? auditEntry('user.create', {
            ...from,
            actorId: created.userId,
            actorEmail: normalizeEmail(user.email),
            organizationId: created.organizationId,
            targetId: created.userId,
            metadata: {},
            statusCode: 200,
          })
        : [],
    (tx) => insertUser(tx, user),
  )
}

/** As `createUser`, as part of a larger change, which records the audit event. */
export async function insertUser(tx: AuditedTx, user: NewUser): Promise<CreatedUser | undefined> {
  const userId = user.userId ?? newId('usr')
  const organizationId = newId('org')
  // The unique index compares one spelling. Rows with the other one are no longer inserted, so reading them is no race.
  if (emailSpellings(user.email).length > 1 && (await tx.$count(users, matchesEmail(users.email, user.email))) > 0) {
    return undefined
  }
  const [row] = await tx
    .insert(users)
    .values({
      id: userId,
      email: normalizeEmail(user.email),
      name: user.name,
      emailVerified: user.emailVerified ?? false,
      language: user.language ?? null,
    })
    .onConflictDoNothing()
    .returning({ id: users.id })
  if (!row) return undefined

  if (user.passwordHash !== null) {
    await tx.insert(userCredentials).values({ userId, kind: 'password', secret: user.passwordHash })
  }
  await tx.insert(organizations).values({ id: organizationId, name: 'Personal', personal: true, createdBy: userId })
  await tx.insert(organizationMembers).values({ organizationId, userId, role: 'owner' })
  return { userId, organizationId }
}

/**
 * Finds the account of an address in any case and either spelling of its domain, including disabled ones. If both spellings
 * have one, the ASCII one is used.
 */
export async function findAccountByEmail(db: Queryable, email: string): Promise<Account | undefined> {
  const address = normalizeEmail(email)
  const rows = await accounts(db).where(matchesEmail(users.email, email)).limit(2)
  return rows.find((row) => row.email === address) ?? rows[0]
}

export async function findAccountById(db: Queryable, userId: UserId): Promise<Account | undefined> {
  const [row] = await accounts(db).where(eq(users.id, userId))
  return row
}

/** Replaces the hash of a password, unless it has changed since `before` was read: then it returns false. */
export async function replacePasswordHash(
  tx: AuditedTx,
  userId: UserId,
  before: string,
  passwordHash: string,
): Promise<boolean> {
  const replaced = await tx
    .update(userCredentials)
    .set({ secret: passwordHash, updatedAt: sql`now()` })
    .where(
      and(eq(userCredentials.userId, userId), eq(userCredentials.kind, 'password'), eq(userCredentials.secret, before)),
    )
    .returning({ userId: userCredentials.userId })
  return replaced.length > 0
}

/**
 * Stores the language of a sign-in, in the transaction that records it. Writes nothing if it is that of the account already, or
 * if the person has chosen one.
 */
export async function keepLanguage(
  tx: AuditedTx,
  { userId, language: stored, chosenLanguage }: Pick<Account, 'userId' | 'language' | 'chosenLanguage'>,
  language: string,
): Promise<void> {
  if (chosenLanguage === null && stored !== language)
    await tx.update(users).set({ language }).where(eq(users.id, userId))
}

/** Finds the language of mails to an account. Null if it has none. */
export async function findLanguage(db: Queryable, userId: UserId): Promise<string | null> {
  const [row] = await db.select({ language: mailLanguageSql }).from(users).where(eq(users.id, userId))
  return row?.language ?? null
}

/** As `findLanguage`, of the account with this address. An account that has not verified it may be a stranger's: null. */
export async function findLanguageOfAddress(db: Queryable, email: string): Promise<string | null> {
  const [row] = await db
    .select({ language: mailLanguageSql })
    .from(users)
    .where(and(matchesEmail(users.email, email), users.emailVerified))
    .limit(1)
  return row?.language ?? null
}

/** Lists the organizations that a user is a member of, the personal one first. */
export function listUserOrganizations(db: Queryable, userId: UserId): Promise<UserOrganization[]> {
  return db
    .select({
      id: organizations.id,
      name: organizations.name,
      personal: organizations.personal,
      requireSecondFactor: organizations.requireSecondFactor,
    })
    .from(organizationMembers)
    .innerJoin(organizations, eq(organizations.id, organizationMembers.organizationId))
    .where(eq(organizationMembers.userId, userId))
    .orderBy(sql`${organizations.personal} DESC`, organizations.name, organizations.id)
}

const accounts = (db: Queryable) =>
  db
    .select({
      userId: users.id,
      email: users.email,
      emailVerified: users.emailVerified,
      name: users.name,
      language: mailLanguageSql,
      chosenLanguage: users.chosenLanguage,
      timeZone: users.timeZone,
      disabledAt: users.disabledAt,
      passwordHash: userCredentials.secret,
      hasSecondFactor: sql<boolean>`${sql.raw(hasSecondFactorSql('users.id'))}`,
      signInVersion: users.signInVersion,
      personalOrganizationId: organizations.id,
    })
    .from(users)
    .innerJoin(organizations, and(eq(organizations.createdBy, users.id), organizations.personal))
    .leftJoin(userCredentials, and(eq(userCredentials.userId, users.id), eq(userCredentials.kind, 'password')))
    .$dynamic()
