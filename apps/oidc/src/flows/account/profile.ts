import { GivenName } from '@daytona-auth/accounts/given-name'
import { findUser } from '@daytona-auth/db/users'
import { FORBIDDEN_IN_NAMES, MAX_NAME_CHARS } from '@daytona-auth/protocol/names'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ACCOUNT_PAGES } from '../../pages/account-pages.ts'
import type { Sentence } from '../../pages/german/german.ts'
import type { Pages } from '../../pages/pages.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { changePreferences, renameAccount } from './account-changes.ts'
import { type AccountPages, redirectToPage } from './account-page.ts'
import { type OpenAccount, readAccountForm } from './open-account.ts'
import { languageOptions, NOT_CHOSEN, parsePreferences, timeZoneOptions } from './preferences.ts'

/** Registers the profile: the name, and the language and time zone that apps get, each with a form. */
export function profilePage(interactionContext: InteractionContext, { page, frame }: AccountPages): void {
  const { database, origin, send } = interactionContext
  const { profile } = ACCOUNT_PAGES

  const shown = (open: OpenAccount, request: FastifyRequest, reply: FastifyReply) => show(open, request, reply)
  page(profile, shown, async (open, request, reply) => {
    const form = readAccountForm(interactionContext, request, open)
    if (form.decision === 'preferences') {
      const parsed = parsePreferences(open.account, form)
      if (!parsed.ok) {
        const wrong = Object.fromEntries(parsed.wrong.map((field) => [field, WRONG[field]]))
        return show(open, request, reply.code(400), wrong)
      }
      await changePreferences(interactionContext, open, parsed.preferences, origin(request))
      return redirectToPage(reply, profile, 'preferences')
    }
    const name = GivenName.safeParse(form.name)
    if (!name.success) {
      const isLong = !FORBIDDEN_IN_NAMES.test(form.name.slice(0, MAX_NAME_CHARS).trim())
      return show(open, request, reply.code(400), { name: isLong ? NAME : NAME_CHARACTERS })
    }
    await renameAccount(interactionContext, open, name.data, origin(request))
    return redirectToPage(reply, profile, 'name')
  })

  async function show(
    open: OpenAccount,
    request: FastifyRequest,
    reply: FastifyReply,
    wrong: Pages['account']['wrong'] = {},
  ) {
    const { account } = open
    const user = await findUser(database, account.userId)
    const problem: Sentence | undefined = Object.keys(wrong).length > 0 ? 'There is a problem' : undefined
    return send(reply, 'account', {
      ...frame(open, request, profile, problem),
      name: account.name,
      wrong,
      notChosen: NOT_CHOSEN,
      language: account.chosenLanguage ?? NOT_CHOSEN,
      languages: languageOptions(account),
      timeZone: account.timeZone ?? NOT_CHOSEN,
      timeZones: timeZoneOptions(account),
      emailVerified: user?.emailVerified ?? false,
      createdAt: user?.createdAt.toISOString() ?? '',
    })
  }
}

const NAME = 'Enter your name, in at most 128 characters.'
const NAME_CHARACTERS = 'Your name must not have control, invisible or text direction characters.'
const WRONG = {
  language: 'Choose a language from the list.',
  time_zone: 'Choose a time zone from the list.',
} as const satisfies Record<string, Sentence>
