import type { OrganizationId, UserId } from '@daytona-auth/db/core'
import { type Account, FIRST_SIGN_IN_VERSION, type Identity } from '@daytona-auth/db/users'
import { boundedText } from '@daytona-auth/service'
import { z } from 'zod'
import { createKeyRing } from '../../provider/keys/key-ring.ts'
import { SignedIdentitySession } from './identity-session.ts'
import { MappedGroups } from './mapped-groups.ts'

/** States that a browser has passed the first step of a sign-in to an account, for the second factor that follows. */
export interface SignInTickets {
  /** Issues a ticket for one interaction. `signedInAt`: when the password was right, in milliseconds; by default now. */
  issue(uid: string, step: FirstStep, signedInAt?: number): string
  /** Returns the account of a ticket; undefined if it is forged, of another interaction or expired. */
  open(uid: string, ticket: string): OpenTicket | undefined
}

/** The stored hash of the checked password, or the identity of a sign-in with another provider. */
export type FirstStep = { readonly userId: UserId; readonly signInVersion: number } & (
  | { readonly passwordHash: string }
  | { readonly identity: TicketIdentity }
)

export interface TicketIdentity extends Identity {
  /** The `auth_time` of the session, in seconds. */
  readonly signedInAt: number
}

export interface OpenTicket {
  readonly userId: UserId
  /** Absent after a password. The caller confirms that it is still linked. */
  readonly identity: TicketIdentity | undefined
  /** When the first step was right, in milliseconds since the epoch. */
  readonly signedInAt: number
  /** That of the account at the first step. */
  readonly signInVersion: number
  /** Whether the account still has the password that was entered, if one was, and no sign-ins have ended since. */
  isOf(account: Pick<Account, 'passwordHash' | 'signInVersion'>): boolean
}

/** How long after the password the second factor may be entered. */
const TICKET_MS = 10 * 60 * 1000

const Ticket = z.object({
  userId: boundedText({ max: 64 }),
  password: boundedText({ max: 64 }).optional(),
  identity: z
    .object({
      issuer: boundedText({ max: 2048 }),
      subject: boundedText({ max: 255 }),
      organizationId: boundedText({ max: 64 })
        .transform((id) => id as OrganizationId) // signed by this deployment
        .optional(),
      mappedGroups: MappedGroups,
      session: SignedIdentitySession,
      signedInAt: z.number(),
    })
    .optional(),
  issuedAt: z.number(),
  signInVersion: z.number().default(FIRST_SIGN_IN_VERSION), // absent in tickets of an earlier release
})

/**
 * Makes the tickets of a deployment. The page sends its ticket with the second factor, so that nothing is stored for a
 * sign-in that is not completed. A ticket is no secret to its browser, and useless without a second factor.
 */
export function createSignInTickets(cookieKeys: readonly string[], now: () => number): SignInTickets {
  const tickets = createKeyRing(cookieKeys, 'sign-in ticket')
  const passwords = createKeyRing(cookieKeys, 'password of a sign-in ticket')
  const textOf = (uid: string, content: string) => JSON.stringify([uid, content])

  return {
    issue(uid, step, signedInAt = now()) {
      const by =
        'identity' in step
          ? { identity: step.identity }
          : { password: passwords.sign(step.passwordHash).toString('base64url') }
      const { userId, signInVersion } = step
      const content = Buffer.from(JSON.stringify({ userId, signInVersion, ...by, issuedAt: signedInAt })).toString(
        'base64url',
      )
      return `${content}.${tickets.sign(textOf(uid, content)).toString('base64url')}`
    },
    open(uid, ticket) {
      const [content = '', signature = ''] = ticket.split('.')
      if (!tickets.verify(textOf(uid, content), Buffer.from(signature, 'base64url'))) return undefined
      const { userId, password, identity, issuedAt, signInVersion } = Ticket.parse(
        JSON.parse(Buffer.from(content, 'base64url').toString()),
      )
      if (now() - issuedAt > TICKET_MS) return undefined
      return {
        userId: userId as UserId, // signed by this deployment
        identity,
        signedInAt: issuedAt,
        signInVersion,
        isOf({ passwordHash, signInVersion: current }) {
          if (current !== signInVersion) return false
          if (identity) return true
          return passwordHash !== null && passwords.verify(passwordHash, Buffer.from(password ?? '', 'base64url'))
        },
      }
    },
  }
}
