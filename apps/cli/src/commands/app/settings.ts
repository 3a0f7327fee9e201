import type { OauthApp, Scope } from '@daytona-auth/sdk'
import { type KeyOptions, readKeyOptions } from './keys.ts'
import { type LifetimeOptions, readLifetimes } from './lifetimes.ts'

/** Options of `create` and `update`. `false` stands for an option that begins with `--no-`. */
export interface AppSettings extends KeyOptions, LifetimeOptions {
  readonly postLogoutRedirectUri?: string[] | undefined
  readonly scopes?: Scope[] | undefined
  readonly homepage?: string | undefined
  readonly logo?: string | undefined
  readonly requirePar?: boolean | undefined
  readonly requireDpop?: boolean | undefined
  readonly requireSignedRequests?: boolean | undefined
  readonly requestSigningAlg?: NonNullable<OauthApp['requestObjectSigningAlg']> | false | undefined
  readonly backchannelLogoutUri?: string | false | undefined
}

/** Returns the members of an app that the options name. @throws UsageError for keys that cannot be read */
export async function readAppSettings(options: AppSettings) {
  const { postLogoutRedirectUri, scopes, homepage, logo, requirePar, requireDpop, backchannelLogoutUri } = options
  const { requireSignedRequests, requestSigningAlg } = options
  return {
    ...(postLogoutRedirectUri !== undefined && { postLogoutRedirectUris: postLogoutRedirectUri }),
    ...(scopes !== undefined && { scopes }),
    ...(homepage !== undefined && { homepageUri: homepage }),
    ...(logo !== undefined && { logoUri: logo }),
    ...(requirePar !== undefined && { requirePushedAuthorizationRequests: requirePar }),
    ...(requireSignedRequests !== undefined && { requireSignedRequestObject: requireSignedRequests }),
    ...(requestSigningAlg !== undefined && { requestObjectSigningAlg: requestSigningAlg || null }),
    ...(requireDpop !== undefined && { dpopBoundAccessTokens: requireDpop }),
    ...(backchannelLogoutUri !== undefined && { backchannelLogoutUri: backchannelLogoutUri || null }),
    ...readLifetimes(options),
    ...(await readKeyOptions(options)),
  }
}
