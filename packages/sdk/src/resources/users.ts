import { type Http, type RequestOptions, toInit, unwrap, unwrapEmpty } from '../http.ts'
import { collectPages } from '../pages.ts'
import type { AuthorizedApp, Body, EmailVerificationRequest, Session, User } from '../schemas.ts'

/** The user of the credential. All methods but `me` require a signed-in user. */
export const users = ({ plain }: Http) => ({
  me: (options?: RequestOptions): Promise<User> => unwrap(plain.GET('/users/me', toInit(options))),

  updateMe: (user: Body<'updateAuthenticatedUser'>, options?: RequestOptions): Promise<User> =>
    unwrap(plain.PATCH('/users/me', { body: user, ...toInit(options) })),

  /** Sends the mail with the link that verifies the address. */
  requestEmailVerification: (options?: RequestOptions): Promise<EmailVerificationRequest> =>
    unwrap(plain.POST('/users/me/email-verification', toInit(options))),

  sessions: {
    list: (options?: RequestOptions): Promise<Session[]> =>
      collectPages({}, (query) => plain.GET('/users/me/sessions', { params: { query }, ...toInit(options) })),

    /** Ends a session and revokes its grants. */
    delete: (sessionId: string, options?: RequestOptions): Promise<void> =>
      unwrapEmpty(
        plain.DELETE('/users/me/sessions/{sessionId}', { params: { path: { sessionId } }, ...toInit(options) }),
      ),
  },

  authorizedApps: {
    list: (options?: RequestOptions): Promise<AuthorizedApp[]> =>
      collectPages({}, (query) => plain.GET('/users/me/authorized-apps', { params: { query }, ...toInit(options) })),

    /** Revokes all grants of the app. */
    delete: (clientId: string, options?: RequestOptions): Promise<void> =>
      unwrapEmpty(
        plain.DELETE('/users/me/authorized-apps/{clientId}', { params: { path: { clientId } }, ...toInit(options) }),
      ),
  },
})
