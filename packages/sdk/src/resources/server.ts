import { given, type Http, init, type RequestOptions } from '../http.ts'
import type { Configuration, ProtectedResourceMetadata, Region } from '../schemas.ts'

/** What the server tells anybody: asked without a credential. */
export const server = ({ open }: Http) => ({
  /** What a program needs to know to start, sign-in included. */
  config: (options?: RequestOptions): Promise<Configuration> => given(open.GET('/config', init(options))),

  /** That it is alive. */
  health: (options?: RequestOptions): Promise<{ status: 'ok' }> => given(open.GET('/health', init(options))),

  /** That it can work. @throws DaytonaAuthError 503 while it cannot */
  readiness: (options?: RequestOptions) => given(open.GET('/health/ready', init(options))),

  openApi: (options?: RequestOptions): Promise<Record<string, unknown>> =>
    given(open.GET('/openapi.json', init(options))),

  /** RFC 9728. */
  protectedResource: (options?: RequestOptions): Promise<ProtectedResourceMetadata> =>
    given(open.GET('/.well-known/oauth-protected-resource', init(options))),

  sharedRegions: (options?: RequestOptions): Promise<Region[]> => given(open.GET('/shared-regions', init(options))),
})
