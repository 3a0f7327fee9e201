/** Imports run downwards only. Two apps never import each other; `standalone`, which starts both servers, is the exception. */
export const MAY_IMPORT: Record<string, readonly string[]> = {
  'apps/api': ['accounts', 'auth', 'configuration', 'db', 'server', 'service'],
  'apps/oidc': ['accounts', 'auth', 'configuration', 'db', 'server', 'service', 'signing-keys'],
  'apps/cli': ['sdk'],
  'apps/dashboard': ['sdk'],
  'apps/ops': ['accounts', 'configuration', 'db', 'service', 'signing-keys'],
  'apps/standalone': ['api', 'dashboard', 'oidc', 'accounts', 'auth', 'configuration', 'db', 'service'],
  'packages/accounts': ['auth', 'db', 'service'],
  'packages/auth': ['db', 'service'],
  'packages/configuration': ['service'],
  'packages/db': [],
  'packages/sdk': [],
  'packages/server': ['auth', 'db', 'service'],
  'packages/service': [],
  'packages/signing-keys': ['db'],
  'packages/testing': ['auth', 'db', 'service'],
}

/**
 * Rooms of a folder, from the lowest: a file imports from its own room and from lower ones. A room is a folder, or a file
 * that is named here because rooms import it. Other files of the folder, such as `index.ts`, may import from all rooms,
 * and no room imports them.
 */
export const ROOMS: Record<string, readonly string[]> = {
  'apps/api/src': ['config.ts', 'http', 'limits', 'mail', 'features', 'tasks'],
  'apps/oidc/src': ['config.ts', 'limits', 'pages', 'provider', 'flows'],
  'apps/oidc/src/flows': [
    'metrics.ts',
    'interaction',
    'sign-in',
    'sign-up',
    'consent',
    'mailed-link',
    'invitation',
    'email-verification',
    'device',
    'sign-out',
  ],
  'apps/oidc/src/provider': [
    'endpoint-paths.ts',
    'middleware.ts',
    'request-context.ts',
    'caller.ts',
    'policy',
    'keys',
    'storage',
    'metrics.ts',
    'flows.ts',
    'endpoints',
    'configuration',
  ],
  'packages/auth/src': ['credential', 'principal', 'limits', 'verification', 'http'],
  'packages/db/src': [
    'core',
    'schema',
    'audit',
    'principals',
    'api-keys',
    'grants',
    'organizations',
    'users',
    'clients',
    'signing-keys',
    'resources',
    'operations',
  ],
  'packages/service/src': ['network', 'observability', 'http', 'config', 'process', 'mail'],
}
