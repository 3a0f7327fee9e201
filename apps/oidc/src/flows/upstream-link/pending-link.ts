import type { OrganizationId } from '@daytona-auth/db/core'
import type { IdentitySession } from '@daytona-auth/db/users'
import { boundedText } from '@daytona-auth/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { cookieName, readCookies, setCookie } from '../interaction/cookies.ts'
import { SignedIdentitySession } from '../interaction/identity-session.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { MappedGroups } from '../interaction/mapped-groups.ts'
import type { OpenInteraction } from '../interaction/open.ts'
import { createSignedContent } from '../interaction/signed-content.ts'

/** An identity at another provider that waits until the user has proven the account with its address. */
export interface PendingLink {
  readonly upstream: string
  readonly issuer: string
  readonly subject: string
  /** The name of the provider on our pages. */
  readonly label?: string | undefined
  /** The organization whose provider it is; undefined for one of the deployment. */
  readonly organizationId?: OrganizationId | undefined
  /** The groups of the person that give roles in that organization: digests. */
  readonly mappedGroups?: readonly string[] | undefined
  readonly session?: IdentitySession | undefined
  /** Verified by the provider. */
  readonly email: string
}

/** How long the user may take to sign in, recovery of the account included. */
const PENDING_SECONDS = 15 * 60

const Content = z.object({
  uid: boundedText({ max: 64 }),
  until: z.number(),
  upstream: boundedText({ max: 64 }),
  issuer: boundedText({ max: 2048 }),
  subject: boundedText({ max: 255 }),
  email: boundedText({ max: 320 }),
  label: boundedText({ max: 160 }).optional(),
  organizationId: boundedText({ max: 64 })
    .transform((id) => id as OrganizationId) // signed by this deployment
    .optional(),
  mappedGroups: MappedGroups,
  session: SignedIdentitySession,
})

type Where = Pick<InteractionContext, 'context'>

const contentOf = ({ context }: Where) => createSignedContent(context.config.COOKIE_KEYS, 'upstream link', Content)
const nameOf = ({ context }: Where) => cookieName(context.config.ISSUER, 'link')

/** Keeps a link in a signed cookie of the interaction, so that only this browser can complete it. */
export function keepPendingLink(where: Where, reply: FastifyReply, { uid, paths }: OpenInteraction, link: PendingLink) {
  const until = where.context.now() + PENDING_SECONDS * 1000
  const value = contentOf(where).issue({ ...link, uid, until })
  const cookie = { path: paths.start, maxAgeSeconds: PENDING_SECONDS }
  reply.header('set-cookie', setCookie(where.context.config.ISSUER, nameOf(where), value, cookie))
}

/** Returns the link that waits in an interaction. */
export function readPendingLink(where: Where, request: FastifyRequest, uid: string): PendingLink | undefined {
  for (const value of readCookies(request.headers.cookie, nameOf(where))) {
    const content = contentOf(where).open(value)
    if (content?.uid === uid && where.context.now() < content.until) return content
  }
  return undefined
}

export function dropPendingLink(where: Where, reply: FastifyReply, { paths }: OpenInteraction): void {
  const cookie = { path: paths.start, maxAgeSeconds: 0 }
  reply.header('set-cookie', setCookie(where.context.config.ISSUER, nameOf(where), '', cookie))
}
