import { listPasskeys, type Passkey } from '@daytona-auth/db/users'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ACCOUNT_PAGES } from '../../pages/account-pages.ts'
import type { Sentence } from '../../pages/german/german.ts'
import type { Message } from '../../pages/language.ts'
import { showBrowser } from '../../pages/show-browser.ts'
import { createAccountPages, redirectToPage } from '../account/account-page.ts'
import { type OpenAccount, readAccountForm, requireFreshSignIn } from '../account/open-account.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { addPasskey, removePasskey } from './passkey-changes.ts'

const PATH = ACCOUNT_PAGES.passkeys

/** Registers the account page of passkeys. Adding one needs JavaScript, and every change a recent sign-in. */
export function passkeyAccountRoutes(app: FastifyInstance, interactionContext: InteractionContext): void {
  const { database, origin, relyingParty } = interactionContext
  const { page, frame } = createAccountPages(app, interactionContext, DONE)
  const purposeOf = ({ viewer: { userId, sessionUid } }: OpenAccount) => `account ${userId} ${sessionUid}`

  async function show(open: OpenAccount, request: FastifyRequest, reply: FastifyReply, problem?: Message) {
    const { userId, email, name } = open.account
    const passkeys = await listPasskeys(database, userId)
    return interactionContext.send(reply, 'account-passkeys', {
      ...frame(open, request, PATH, problem),
      options: await relyingParty.registrationOptions(purposeOf(open), { userId, email, name, passkeys }),
      passkeys: passkeys.map(showPasskey),
    })
  }

  page(PATH, show, async (open, request, reply) => {
    const form = readAccountForm(interactionContext, request, open)
    if (!(await requireFreshSignIn(interactionContext, open, reply, PATH))) return reply
    if (form.decision === 'remove') {
      await removePasskey(interactionContext, open, form.passkey, origin(request), request.log)
      return redirectToPage(reply, PATH, 'removed')
    }
    const created = await relyingParty.verifyRegistration(purposeOf(open), form.response)
    if (!created) return show(open, request, reply.code(400), WRONG)
    const { userAgent } = origin(request)
    const passkey = { ...created, userId: open.account.userId, userAgent }
    const added = await addPasskey(interactionContext, open, passkey, origin(request), request.log)
    if (!added) return show(open, request, reply.code(400), WRONG)
    if (!added.codes) return redirectToPage(reply, PATH, 'added')
    return interactionContext.send(reply, 'account-recovery-codes', {
      ...frame(open, request, PATH),
      codes: added.codes,
      back: PATH,
    })
  })
}

function showPasskey({ id, userAgent, createdAt, lastUsedAt, isSynchronized }: Passkey) {
  return {
    id,
    browser: showBrowser(userAgent),
    isSynchronized,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString(),
  }
}

const DONE: Readonly<Record<string, Sentence>> = {
  added: 'The passkey was added. It signs in without your password.',
  removed: 'The passkey was removed. Every other session and app has to sign in again.',
}

const WRONG = 'The passkey was not added. You may have it already, or have ten: try again, or remove one.'
