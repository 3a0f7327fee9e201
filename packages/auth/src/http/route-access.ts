import type { Permission } from '@daytona-auth/protocol/scopes'
import type { Denial } from '@daytona-auth/service'

/** Who may call a route: anyone, any verified credential, a person in our dashboard or CLI, or a holder of a permission. */
export type Access = 'public' | 'authenticated' | 'person' | Permission

/** Where a route's organization is named. */
export type OrganizationSource = 'header' | 'path' | 'none'

/** The allowed members of a query by name, each with the most values and the most UTF-16 code units of a value. */
export type QueryMembers = Readonly<Record<string, { readonly maxValues: number; readonly maxLength: number }>>

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    organization?: OrganizationSource
    /** The route changes what the organization runs: denied while the organization is suspended. */
    resourceWrite?: boolean
    /** Permissions that the request itself requires besides, in its organization. An unknown name is always denied. */
    requiredPermissions?: (request: FastifyRequest) => readonly string[]
    /**
     * The members that the query may have. Any other member, and more or longer values, are denied with 401. Absent: the
     * route's schema decides.
     */
    queryMembers?: QueryMembers
    /**
     * The route changes keys, apps, people or organizations: bounded for each credential, and denied to superseded secrets.
     * Set for every route whose method writes, unless it is public, a resource write, or says `false`.
     */
    managementWrite?: boolean
    /** Replaces a denial whose text would not help the caller of this route. */
    rewordDenial?: (denial: Denial, request: FastifyRequest) => Denial
  }
}
