import type { Authenticator, AuthenticatorTools } from './authenticator.ts'
import { apiKeyAuthenticator } from './verify-key.ts'
import { tokenAuthenticator } from './verify-token.ts'

/** Makes the authenticators, in the order in which they are asked whether they recognize a credential. */
export type MakeAuthenticators = (tools: AuthenticatorTools) => readonly Authenticator[]

/** Every way to authenticate. */
export const makeAuthenticators: MakeAuthenticators = ({ reader, keys }) => [
  apiKeyAuthenticator(reader),
  tokenAuthenticator(reader, keys),
]
