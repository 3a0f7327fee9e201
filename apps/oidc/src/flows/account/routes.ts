import { shownName } from '@daytona-auth/accounts/shown-name'
import { normalizeEmail } from '@daytona-auth/db/core'
import {
  listAffectedOrganizations,
  listAuthorizedApps,
  listSessions,
  listUserOrganizations,
  readUserAccess,
} from '@daytona-auth/db/users'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { tooManyAttempts } from '../../limits/attempt-limit.ts'
import { ACCOUNT_PAGES } from '../../pages/account-pages.ts'
import type { Sentence } from '../../pages/german/german.ts'
import type { Message } from '../../pages/language.ts'
import { showOrganizationName } from '../../pages/organization-name.ts'
import { showScopes } from '../../pages/scopes.ts'
import { showBrowser } from '../../pages/show-browser.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { changePassword, deleteOwnAccount, endOtherSessions, endSession, removeApp } from './account-changes.ts'
import { createAccountPages, redirectToPage } from './account-page.ts'
import { historyPage } from './history.ts'
import { MAX_SESSIONS, type OpenAccount, readAccountForm, requireFreshSignIn } from './open-account.ts'
import { profilePage } from './profile.ts'

const MAX_APPS = 1000

/**
 * Registers the pages of the own account. They work without JavaScript: each change is a form that ends in a redirect to the
 * page. A browser without a session is redirected to the sign-in page.
 */
export function accountRoutes(app: FastifyInstance, interactionContext: InteractionContext): void {
  const { database, origin } = interactionContext
  const { password, sessions, apps, deletion } = ACCOUNT_PAGES

  const pages = createAccountPages(app, interactionContext, DONE)
  const { page, frame } = pages

  profilePage(interactionContext, pages)

  page(
    password,
    async (open, request, reply) =>
      interactionContext.send(reply, 'account-password', { ...frame(open, request, password), wrong: {} }),
    async (open, request, reply) => {
      const form = readAccountForm(interactionContext, request, open)
      const passwords = { current: form.password, next: form.new_password }
      const changed = await changePassword(interactionContext, open, passwords, origin(request), request.log)
      const again = (code: number, problem: Message, wrong = {}) =>
        interactionContext.send(reply.code(code), 'account-password', {
          ...frame(open, request, password, problem),
          wrong,
        })
      switch (changed.kind) {
        case 'changed':
          return redirectToPage(reply, password, 'password')
        case 'wrong':
          return again(400, 'There is a problem', { password: 'This is not your current password.' })
        case 'refused':
          return again(400, 'There is a problem', { new_password: changed.problem })
        case 'too-many':
          reply.header('retry-after', String(changed.retryAfterSeconds))
          return again(429, tooManyAttempts(changed.retryAfterSeconds))
      }
    },
  )

  page(
    sessions,
    async (open, request, reply) => {
      const { rows } = await listSessions(database, open.viewer.userId, null, { limit: MAX_SESSIONS })
      return interactionContext.send(reply, 'account-sessions', {
        ...frame(open, request, sessions),
        sessions: rows.map(({ id, userAgent, ipAddress, lastSeenAt, signedInAt, apps: signedIn }) => {
          return {
            id,
            isCurrent: id === open.viewer.sessionUid,
            browser: showBrowser(userAgent),
            address: ipAddress === null ? undefined : pages.describe(ipAddress, request),
            lastSeenAt: new Date(lastSeenAt).toISOString(),
            signedInAt: new Date(signedInAt).toISOString(),
            apps: signedIn.map(({ name }) => shownName(name)),
          }
        }),
      })
    },
    async (open, request, reply) => {
      const form = readAccountForm(interactionContext, request, open)
      if (form.decision === 'others') {
        await endOtherSessions(interactionContext, open, origin(request))
        return redirectToPage(reply, sessions, 'sessions')
      }
      // A session that ended already is what the user wanted.
      await endSession(interactionContext, open, form.session, origin(request))
      return redirectToPage(reply, sessions, 'session')
    },
  )

  page(
    apps,
    async (open, request, reply) => {
      const { userId } = open.viewer
      const { rows } = await listAuthorizedApps(database, userId, { limit: MAX_APPS })
      const names = new Map(
        (await listUserOrganizations(database, userId)).map((one) => [one.id, showOrganizationName(one)]),
      )
      return interactionContext.send(reply, 'account-apps', {
        ...frame(open, request, apps),
        apps: rows.map((row) => ({
          clientId: row.clientId,
          name: shownName(row.name),
          firstParty: row.firstParty,
          scopes: showScopes(row.scopes, row),
          // An organization that the user has left is not named.
          organizations: row.organizationIds?.flatMap((id) => names.get(id) ?? []) ?? null,
          authorizedAt: new Date(row.authorizedAt).toISOString(),
          lastSeenAt: row.lastSeenAt === null ? undefined : new Date(row.lastSeenAt).toISOString(),
        })),
      })
    },
    async (open, request, reply) => {
      const form = readAccountForm(interactionContext, request, open)
      await removeApp(interactionContext, open, form.client, origin(request))
      return redirectToPage(reply, apps, 'app')
    },
  )

  historyPage(interactionContext, pages)

  page(deletion, showDeletion, async (open, request, reply) => {
    const form = readAccountForm(interactionContext, request, open)
    if (form.decision !== 'delete')
      return showDeletion(open, request, reply.code(400), 'Choose the button “Delete account”.')
    if (normalizeEmail(form.email) !== normalizeEmail(open.account.email)) {
      return showDeletion(open, request, reply.code(400), 'Enter the address of this account to confirm.')
    }
    const blocking = await deleteOwnAccount(interactionContext, open, origin(request))
    if (blocking.length > 0) return showDeletion(open, request, reply.code(409))
    return interactionContext.send(reply, 'account-deleted', { email: open.account.email })
  })

  /** Shows what ends with the account, after a fresh sign-in. */
  async function showDeletion(open: OpenAccount, request: FastifyRequest, reply: FastifyReply, problem?: Message) {
    if (!(await requireFreshSignIn(interactionContext, open, reply, deletion))) return reply
    const { userId } = open.viewer
    const affected = (await listAffectedOrganizations(database, userId)).map((one) => ({
      name: shownName(one.name),
      effect: one.effect,
    }))
    const { activeApiKeys } = await readUserAccess(database, userId)
    return interactionContext.send(reply, 'account-deletion', {
      ...frame(open, request, deletion, problem),
      keys: activeApiKeys,
      deleted: affected.filter(({ effect }) => effect === 'delete'),
      left: affected.filter(({ effect }) => effect === 'leave'),
      blocking: affected.filter(({ effect }) => effect === 'blocked'),
    })
  }
}

/** What a page reports after its form. */
const DONE: Readonly<Record<string, Sentence>> = {
  name: 'Your name was changed.',
  preferences: 'Your language and time zone were saved.',
  password: 'Your password was changed. Every other session, app and device has to sign in again.',
  session: 'The session was ended, with the access that apps got in it.',
  sessions: 'Every other session was ended, with the access that apps got in them.',
  app: 'The app has no access any more.',
}
