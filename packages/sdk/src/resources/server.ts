import { type Http, type RequestOptions, toInit, unwrap } from '../http.ts'
import type { Configuration, ProtectedResourceMetadata, Region } from '../schemas.ts'

/** Public information about the server; requests carry no credential. */
export const server = ({ open }: Http) => ({
  /** Returns what a program needs to start and to sign in. */
  config: (options?: RequestOptions): Promise<Configuration> => unwrap(open.GET('/config', toInit(options))),

  /** Returns whether the process runs. */
  health: (options?: RequestOptions): Promise<{ status: 'ok' }> => unwrap(open.GET('/health', toInit(options))),

  /** Returns whether the server is ready. @throws DaytonaAuthError 503 if it is not */
  readiness: (options?: RequestOptions) => unwrap(open.GET('/health/ready', toInit(options))),

  openApi: (options?: RequestOptions): Promise<Record<string, unknown>> =>
    unwrap(open.GET('/openapi.json', toInit(options))),

  /** Returns the protected resource metadata (RFC 9728). */
  protectedResource: (options?: RequestOptions): Promise<ProtectedResourceMetadata> =>
    unwrap(open.GET('/.well-known/oauth-protected-resource', toInit(options))),

  sharedRegions: (options?: RequestOptions): Promise<Region[]> => unwrap(open.GET('/shared-regions', toInit(options))),
})
