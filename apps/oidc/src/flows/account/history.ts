import { shownName } from '@daytona-auth/accounts/shown-name'
import { type AccountEvent, isAuditInstant, listAccountEvents } from '@daytona-auth/db/audit'
import { ACCOUNT_PAGES } from '../../pages/account-pages.ts'
import type { Sentence } from '../../pages/german/german.ts'
import type { Message } from '../../pages/language.ts'
import { showBrowser } from '../../pages/show-browser.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import type { AccountPages } from './account-page.ts'
import { HistoryQuery } from './fields.ts'

const EVENTS_PER_PAGE = 50

/**
 * Registers the security history: the sign-ins, failed ones too, and the changes of the own account, newest first, with
 * time, browser and address.
 */
export function historyPage({ database, send }: InteractionContext, { page, frame, describe }: AccountPages): void {
  const path = ACCOUNT_PAGES.history
  page(path, async (open, request, reply) => {
    const { at, id } = HistoryQuery.parse(request.query)
    const after = isAuditInstant(at) ? { at, id } : undefined
    const { rows, next } = await listAccountEvents(database, open.account.userId, { limit: EVENTS_PER_PAGE, after })
    return send(reply, 'account-history', {
      ...frame(open, request, path),
      events: rows.map((event) => ({
        ...describeEvent(event),
        isDenied: isDenied(event),
        at: event.createdAt.toISOString(),
        // The operator's command has no user agent.
        browser: event.userAgent === null ? undefined : showBrowser(event.userAgent),
        address: event.ipAddress === null ? undefined : describe(event.ipAddress, request),
      })),
      older: next ? `${path}?${new URLSearchParams({ at: next.at, id: next.id })}` : undefined,
    })
  })
}

const isDenied = ({ statusCode }: Pick<AccountEvent, 'statusCode'>): boolean => (statusCode ?? 200) >= 400

/** What the history says of each action that the trail of a personal organization may have about an account. */
const SENTENCES: Readonly<Record<string, Sentence>> = {
  'user.create': 'Account created',
  'user.delete': 'Account deleted',
  'user.take_over': 'Account created in place of an unverified one',
  'user.update': 'Name changed',
  'user.choose_preferences': 'Language and time zone chosen',
  'user.sign_in': 'Signed in',
  'user.change_password': 'Password changed',
  'user.request_email_change': 'Change of the address requested',
  'user.confirm_email_change': 'Change of the address confirmed by one of the addresses',
  'user.cancel_email_change': 'Change of the address cancelled',
  'user.change_email': 'Address changed',
  'user.add_factor': 'Authenticator app added',
  'user.remove_factor': 'Authenticator app removed',
  'user.add_passkey': 'Passkey added',
  'user.remove_passkey': 'Passkey removed',
  'user.trust_browser': 'Browser trusted for 30 days',
  'user.untrust_browser': 'Trust in a browser ended',
  'user.reset_factors': 'Second factors removed by the operator',
  'user.request_factor_reset': 'Mail to have lost second factors removed requested',
  'user.start_factor_reset': 'Removal of lost second factors started with a mailed link',
  'user.cancel_factor_reset': 'Removal of second factors cancelled',
  'user.complete_factor_reset': 'Lost second factors removed after the waiting time',
  'user.reencrypt_factor': 'Authenticator app encrypted again by the operator',
  'user.create_recovery_codes': 'New recovery codes created',
  'user.request_recovery': 'Mail to choose a new password requested',
  'user.recover': 'New password chosen with a mailed link',
  'user.revoke_keys': 'All API keys revoked with a mailed link',
  'user.request_email_verification': 'Mail to verify the address requested',
  'user.verify_email': 'Address verified',
  'user.disable': 'Account disabled by the operator',
  'user.enable': 'Account enabled by the operator',
  'user.sign_out': 'Signed out everywhere by the operator',
  'user.link_identity': 'Sign-in with another provider linked',
  'user.unlink_identity': 'Sign-in with another provider removed',
  'session.end': 'Session ended',
  'session.end_by_provider': 'Session ended because you signed out at another provider',
  'authorized_app.remove': 'Access of an app removed',
  'grant.revoke': 'Access of an app ended',
  'consent.allow': 'Access of an app allowed',
  'consent.deny': 'Access of an app denied',
  'oauth_app.create': 'OAuth app registered',
  'oauth_app.update': 'OAuth app changed',
  'oauth_app.create_secret': 'Secret of an OAuth app added',
  'oauth_app.delete_secret': 'Secret of an OAuth app deleted',
  'oauth_app.rotate_secret': 'Secrets of an OAuth app replaced',
  'oauth_app.delete': 'OAuth app deleted',
  'oauth_app.approve': 'App approved for the personal organization',
  'oauth_app.block': 'App blocked in the personal organization',
  'oauth_app.delete_decision': 'Decision about an app deleted',
  'oauth_app.request_approval': 'Approval of an app requested',
  'oauth_app.decline_requests': 'Requests to approve an app declined',
}

/** What the history says of an action that was refused. */
const REFUSED: Readonly<Record<string, Sentence>> = {
  'user.sign_in': 'Failed sign-in',
  'user.change_password': 'Wrong current password entered',
}

/** Describes an event in words, with the app that it is about. An action of a later release is shown by its name. */
export function describeEvent(event: Pick<AccountEvent, 'action' | 'statusCode' | 'clientName'>) {
  const { action, clientName } = event
  const sentence: Message = SENTENCES[action] ?? { text: action }
  const refused = isDenied(event) ? REFUSED[action] : undefined
  return {
    what: refused ?? sentence,
    isRefused: isDenied(event) && refused === undefined,
    app: clientName === null ? undefined : shownName(clientName),
  }
}
