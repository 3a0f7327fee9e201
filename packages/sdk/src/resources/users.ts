import { done, given, type Http, init, type RequestOptions } from '../http.ts'
import { allItems } from '../pages.ts'
import type { AuthorizedApp, Body, EmailVerificationRequest, Session, User } from '../schemas.ts'

/** The person behind the credential. All but `me` is for a person who is signed in. */
export const users = ({ plain }: Http) => ({
  me: (options?: RequestOptions): Promise<User> => given(plain.GET('/users/me', init(options))),

  updateMe: (user: Body<'updateAuthenticatedUser'>, options?: RequestOptions): Promise<User> =>
    given(plain.PATCH('/users/me', { body: user, ...init(options) })),

  /** Mails the link that verifies the address. */
  requestEmailVerification: (options?: RequestOptions): Promise<EmailVerificationRequest> =>
    given(plain.POST('/users/me/email-verification', init(options))),

  sessions: {
    list: (options?: RequestOptions): Promise<Session[]> =>
      allItems({}, (query) => plain.GET('/users/me/sessions', { params: { query }, ...init(options) })),

    /** Ends it, with all that was authorized in it. */
    delete: (sessionId: string, options?: RequestOptions): Promise<void> =>
      done(plain.DELETE('/users/me/sessions/{sessionId}', { params: { path: { sessionId } }, ...init(options) })),
  },

  authorizedApps: {
    list: (options?: RequestOptions): Promise<AuthorizedApp[]> =>
      allItems({}, (query) => plain.GET('/users/me/authorized-apps', { params: { query }, ...init(options) })),

    /** Takes back what the app was allowed to do. */
    delete: (clientId: string, options?: RequestOptions): Promise<void> =>
      done(plain.DELETE('/users/me/authorized-apps/{clientId}', { params: { path: { clientId } }, ...init(options) })),
  },
})
