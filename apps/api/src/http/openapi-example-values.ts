import { AUDIT_ACTIONS } from '@daytona-auth/db/audit'
import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import { ORGANIZATION_HEADER } from '@daytona-auth/protocol/organization-header'

// One story: Ada owns the organization Analytical Engines, Grace is a member, and the key `deploy` belongs to Ada.

const ORGANIZATION = 'org_0cqg41v06s7v7o1ngc9m2e5d3a'
const ADA = 'usr_0cqg41uvou7n3t0k8b6r1f4i2s'
const GRACE = 'usr_0cqg5c1l2k7hfm9v3d0p6t8j5e'
const KEY = 'key_0cqgf0b9167q5s2u4h8e1m7c3o'
const APP = 'app_0cqgg2nh4a7rbd1i6j9k0t3v5u'
const SECRET = 'sec_0cqgg2nh5b7se81c4f7l9o0q2v'
const RESOURCE_SERVER = 'rs_0cqgg2nh6c8tf92d5g8m0p1r3w'
const DOMAIN = 'dom_0cqgg2nh7d9uge3a4h6n1q8s5t'
const ROLE = 'role_0cqg6h8d3c7p9u2t5a1v4n6r8k'
const INVITATION = 'inv_0cqg7k2f4e7jdj3b6s0u8q1m5h'
const SANDBOX = 'sbx_0cqgk5p6517ot6l8n2d4g9v1c3'
const SNAPSHOT = 'snap_0cqgl7r8627vbh0e3m5i8k1s4t'
const VOLUME = 'vol_0cqgm9t0737hfu6p1j3b5q7d9c'
const REGISTRY = 'reg_0cqgnb22847mdr4v6e8o0s2g5i'
const EVENT = 'evt_0cqgf0b91q7tbm2k5c8u1h4p6n'

const MASKED = `${KEY_PREFIX}B2FO********************9P8M`
const MASKED_BEFORE = `${KEY_PREFIX}7mQx********************2LcT`
/** Recognized as a placeholder wherever it is sent. */
const ISSUED = `${KEY_PREFIX}1234567890abcdef`

const CREATED = '2026-06-01T09:30:00.000Z'
const UPDATED = '2026-06-02T14:05:12.000Z'
const USED = '2026-06-03T08:15:42.000Z'
const EXPIRES = '2030-12-31T23:59:59.000Z'
const dates = { createdAt: CREATED, updatedAt: UPDATED }

const NOT_USED = Object.fromEntries(
  [
    'suspensionCleanupGracePeriodHours',
    'maxCpuPerSandbox',
    'maxMemoryPerSandbox',
    'maxDiskPerSandbox',
    'secretQuota',
    'maxSecretsPerSandbox',
    'snapshotDeactivationTimeoutMinutes',
    'defaultQueueTimeout',
    'authenticatedRateLimit',
    'sandboxCreateRateLimit',
    'sandboxLifecycleRateLimit',
    'otelConfig',
    'authenticatedRateLimitTtlSeconds',
    'sandboxCreateRateLimitTtlSeconds',
    'sandboxLifecycleRateLimitTtlSeconds',
  ].map((name) => [name, null]),
)

const role = {
  id: ROLE,
  name: 'Sandbox developer',
  description: 'Works with sandboxes',
  permissions: ['read:sandboxes', 'write:sandboxes'],
  isGlobal: false,
  ...dates,
}

const invitation = {
  id: INVITATION,
  email: 'grace@example.com',
  invitedBy: ADA,
  organizationId: ORGANIZATION,
  organizationName: 'Analytical Engines',
  expiresAt: '2026-06-08T09:30:00.000Z',
  status: 'pending',
  role: 'member',
  assignedRoles: [role],
  ...dates,
}

const key = {
  id: KEY,
  name: 'deploy',
  description: 'Creates sandboxes from the pipeline',
  createdAt: CREATED,
  permissions: ['read:sandboxes', 'write:sandboxes'],
  expiresAt: EXPIRES,
  status: 'active',
  organizationIds: [ORGANIZATION],
}

const appSettings = {
  name: 'Build board',
  type: 'web',
  redirectUris: ['https://board.example.com/callback'],
  postLogoutRedirectUris: ['https://board.example.com/'],
  scopes: ['openid', 'profile', 'email', 'read:sandboxes'],
  homepageUri: 'https://board.example.com/',
}

/** An app of someone else. */
const otherApp = { clientId: APP, name: 'Build board', homepageUri: 'https://board.example.com/' }

const appSecret = {
  id: SECRET,
  name: 'Production',
  hint: '9P8M',
  createdAt: CREATED,
  expiresAt: null,
  lastUsedAt: USED,
}

const resourceServer = {
  id: RESOURCE_SERVER,
  identifier: 'https://invoices.example.com',
  name: 'Invoices',
  scopes: [
    { name: 'invoices:read', description: 'See your invoices' },
    { name: 'invoices:write', description: 'Create and change your invoices' },
  ],
  enabled: true,
  organizationId: ORGANIZATION,
  createdBy: ADA,
  ...dates,
}

const identityProvider = {
  name: 'Analytical Engines',
  issuer: 'https://login.example.com',
  clientId: 'daytona',
  scopes: ['openid', 'email', 'profile'],
}

const provisioning = {
  newMemberRoleIds: [role.id],
  groupsClaim: 'groups',
  groupRoles: [{ group: 'Engineering', roleIds: [role.id] }],
}

const authorizedResourceServer = {
  id: RESOURCE_SERVER,
  identifier: resourceServer.identifier,
  name: resourceServer.name,
  scopes: ['invoices:read'],
}

const quota = { resource: 'api_keys', maximum: 100, used: 42 }
const appDenial = {
  reason: 'invalid_redirect_uri',
  redirectUri: 'https://staging.board.example.com/callback',
  count: 12,
  firstAt: CREATED,
  lastAt: USED,
}

/** The public key of RFC 7517, appendix A.1. */
const publicJwk = {
  kty: 'EC',
  crv: 'P-256',
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
  use: 'sig',
  alg: 'ES256',
  kid: 'board-1',
}

const app = {
  clientId: APP,
  ...appSettings,
  logoUri: null,
  requirePkce: true,
  requirePushedAuthorizationRequests: false,
  requireSignedRequestObject: false,
  requestObjectSigningAlg: null,
  dpopBoundAccessTokens: false,
  deviceGrant: false,
  tokenEndpointAuthMethod: 'client_secret_basic',
  jwks: null,
  jwksUri: null,
  idTokenSignedResponseAlg: 'RS256',
  backchannelLogoutUri: 'https://app.example.com/backchannel-logout',
  backchannelLogoutSessionRequired: false,
  defaultMaxAge: null,
  refreshTokenTtl: null,
  refreshTokenAbsoluteTtl: null,
  secrets: [appSecret],
  organizationId: ORGANIZATION,
  createdBy: ADA,
  ...dates,
}

const listedSandbox = {
  id: SANDBOX,
  organizationId: ORGANIZATION,
  name: 'python-sandbox',
  snapshot: 'python:3.11',
  labels: { team: 'research' },
  state: 'started',
  recoverable: false,
  ...dates,
  user: 'daytona',
  public: false,
  networkBlockAll: false,
  target: 'local',
  cpu: 2,
  gpu: 0,
  memory: 4,
  disk: 10,
  autoStopInterval: 15,
}

const snapshot = {
  id: SNAPSHOT,
  organizationId: ORGANIZATION,
  general: false,
  name: 'python-tools',
  imageName: 'python:3.11',
  state: 'active',
  size: 1.2,
  entrypoint: ['sleep', 'infinity'],
  cpu: 2,
  gpu: 0,
  mem: 4,
  disk: 10,
  errorReason: null,
  ...dates,
  lastUsedAt: USED,
  regionIds: ['local'],
  sourceSandboxId: null,
  sandboxClass: 'container',
}

const registry = {
  name: 'Team images',
  url: 'https://registry.example.com',
  username: 'robot',
  project: 'research',
}

const event = {
  id: EVENT,
  actorId: ADA,
  actorEmail: 'ada@example.com',
  organizationId: ORGANIZATION,
  action: 'api_key.create',
  targetType: AUDIT_ACTIONS['api_key.create'].targetType,
  targetId: KEY,
  statusCode: 201,
  ipAddress: '192.0.2.10',
  userAgent: 'curl/8.14.1',
  source: 'token:daytona-dashboard',
  metadata: { keyId: KEY, keyName: 'deploy', permissions: ['read:sandboxes', 'write:sandboxes'], expiresAt: EXPIRES },
  createdAt: CREATED,
}

const mail = { status: 'sent', message: 'The mail was sent' }
const access = { role: 'member', assignedRoleIds: [ROLE] }

/** An example of each schema that clients' types name. `issuer` is the URL of this server. */
export const schemaExamples = (issuer: string, version: string): Readonly<Record<string, unknown>> => {
  const sandbox = { ...listedSandbox, toolboxProxyUrl: `${issuer}/toolbox` }
  return {
    DaytonaConfiguration: {
      version,
      oidc: {
        provider: 'daytona',
        issuer,
        clientId: 'daytona-dashboard',
        audience: issuer,
        cli: { issuer, clientId: 'daytona-cli' },
      },
      linkedAccountsEnabled: false,
      announcements: {},
      proxyTemplateUrl: '',
      proxyToolboxUrl: `${issuer}/toolbox`,
      defaultSnapshot: '',
      dashboardUrl: `${issuer}/dashboard`,
      maxAutoArchiveInterval: 43_200,
      maintananceMode: false,
      environment: '',
    },
    Region: {
      id: 'local',
      name: 'local',
      organizationId: null,
      regionType: 'shared',
      createdAt: '1970-01-01T00:00:00.000Z',
      updatedAt: '1970-01-01T00:00:00.000Z',
      proxyUrl: null,
      sshGatewayUrl: null,
      snapshotManagerUrl: null,
      otelEndpoint: null,
    },
    ProtectedResourceMetadata: {
      resource: issuer,
      authorization_servers: [issuer],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: ['ES256', 'Ed25519', 'EdDSA'],
      resource_name: 'Daytona API',
    },
    User: {
      id: ADA,
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      emailVerified: true,
      publicKeys: [],
      createdAt: CREATED,
    },
    UpdateUser: { name: 'Ada King' },
    CreateOrganization: { name: 'Analytical Engines' },
    Organization: {
      id: ORGANIZATION,
      name: 'Analytical Engines',
      createdBy: ADA,
      personal: false,
      ...dates,
      suspended: false,
      suspendedAt: null,
      suspensionReason: null,
      suspendedUntil: null,
      appAccess: 'any',
      requireSecondFactor: false,
      ...NOT_USED,
      sandboxLimitedNetworkEgress: false,
      previewWarningEnabled: false,
      ssoEnabled: false,
      scimEnabled: false,
      experimentalConfig: {},
    },
    UpdateOrganization: { name: 'Analytical Engines Ltd' },
    OrganizationUser: {
      userId: GRACE,
      organizationId: ORGANIZATION,
      name: 'Grace Hopper',
      email: 'grace@example.com',
      role: 'member',
      assignedRoles: [role],
      groupRoleIds: [],
      ...dates,
    },
    OrganizationRole: role,
    Permission: 'read:sandboxes',
    UpdateOrganizationMemberAccess: access,
    StoppedApiKey: {
      id: KEY,
      name: 'deploy',
      value: MASKED,
      userId: GRACE,
      permissions: ['read:sandboxes'],
      createdAt: CREATED,
      expiresAt: null,
      lastUsedAt: USED,
    },
    CreateOrganizationRole: {
      name: 'Sandbox developer',
      description: 'Works with sandboxes',
      permissions: ['read:sandboxes', 'write:sandboxes'],
    },
    OrganizationInvitation: invitation,
    CreateOrganizationInvitation: { email: 'grace@example.com', ...access },
    SentOrganizationInvitation: { ...invitation, delivery: mail },
    UpdateOrganizationInvitation: access,
    EmailVerificationRequest: mail,
    Session: {
      id: 'uYwQYq0ZkV4xQm1rVvN8bW3sT6dE9aLh',
      signedInAt: CREATED,
      createdAt: CREATED,
      lastSeenAt: USED,
      expiresAt: '2026-07-01T09:30:00.000Z',
      browser: 'Firefox 140',
      system: 'macOS',
      ipAddress: '192.0.2.10',
      current: true,
      apps: [{ clientId: 'daytona-dashboard', name: 'Dashboard' }],
    },
    AuthorizedResourceServer: authorizedResourceServer,
    AuthorizedApp: {
      clientId: APP,
      name: 'Build board',
      firstParty: false,
      homepageUri: 'https://board.example.com/',
      logoUri: null,
      scopes: ['openid', 'profile', 'email', 'read:sandboxes'],
      resourceServers: [authorizedResourceServer],
      organizationIds: [ORGANIZATION],
      devices: 1,
      authorizedAt: CREATED,
      lastSeenAt: USED,
    },
    PaginatedAuditLogs: { items: [event], total: 1, page: 1, totalPages: 1 },
    AuditLog: event,
    AuditVerification: { valid: true, events: 1204, brokenAt: null, brokenEventId: null, dropped: [] },
    ApiKeyUsage: {
      buckets: [
        {
          start: '2026-06-03T08:00:00.000Z',
          allowed: 118,
          denied: 2,
          deniedBy: [{ reason: 'lacks write:sandboxes', count: 2 }],
        },
      ],
      lastUsedAt: USED,
      lastUsedIp: '192.0.2.10',
      lastUsedRoute: 'GET /sandbox',
    },
    ApiKeyUsageTotals: {
      from: '2026-06-01T00:00:00.000Z',
      to: '2026-06-04T00:00:00.000Z',
      allowed: 118,
      denied: 2,
      items: [
        {
          id: KEY,
          name: 'deploy',
          userId: ADA,
          status: 'active',
          allowed: 118,
          denied: 2,
          lastUsedAt: USED,
          lastUsedIp: '192.0.2.10',
        },
      ],
    },
    CreateApiKey: {
      name: 'deploy',
      description: 'Creates sandboxes from the pipeline',
      permissions: ['read:sandboxes', 'write:sandboxes'],
      expiresAt: EXPIRES,
    },
    ApiKeyResponse: { ...key, value: ISSUED },
    ApiKeyList: {
      ...key,
      value: MASKED,
      userId: ADA,
      organizationId: ORGANIZATION,
      lastUsedAt: USED,
      lastSeenAt: USED,
      lastOutcome: 'allowed',
      lastSeenIp: '192.0.2.10',
      lastDenialReason: null,
      previousSecrets: [
        { value: MASKED_BEFORE, createdAt: CREATED, expiresAt: '2026-06-03T14:05:12.000Z', lastUsedAt: null },
      ],
    },
    ApiKeySummary: { active: 12, expiring: 3, unused: 2, administration: 1 },
    UpdateApiKey: { description: 'Reads sandboxes from the pipeline', permissions: ['read:sandboxes'] },
    RotateApiKey: { gracePeriodSeconds: 86_400 },
    RevokeApiKeys: { keys: [KEY] },
    RevokedApiKeys: { results: [{ id: KEY, status: 'revoked' }] },
    CreateOauthApp: appSettings,
    ClientJwks: { keys: [publicJwk] },
    PublicJwk: publicJwk,
    Scope: 'openid',
    OauthApp: app,
    CreatedOauthApp: { ...app, clientSecret: 'YOUR_CLIENT_SECRET' },
    UpdateOauthApp: { redirectUris: ['https://board.example.com/callback', 'https://next.example.com/callback'] },
    OauthAppUser: {
      userId: ADA,
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      scopes: ['email', 'openid', 'profile', 'read:sandboxes'],
      devices: 1,
      authorizedAt: CREATED,
      lastSeenAt: USED,
    },
    OauthAppDenials: { denials: [appDenial] },
    OauthAppDenial: appDenial,
    OauthAppSecret: appSecret,
    CreateOauthAppSecret: { name: 'Production' },
    CreatedOauthAppSecret: { ...appSecret, lastUsedAt: null, clientSecret: 'YOUR_CLIENT_SECRET' },
    Quota: quota,
    OrganizationQuotas: { quotas: [quota] },
    SetAppDecision: { decision: 'approved' },
    AppDecision: { ...otherApp, decision: 'approved', decidedBy: ADA, ...dates },
    AppRequest: {
      ...otherApp,
      members: 1,
      requesters: [{ userId: GRACE, name: 'Grace Hopper', email: 'grace@example.com' }],
      requestedAt: CREATED,
    },
    AppAccessPreview: { appCount: 1, memberCount: 2, apps: [{ ...otherApp, members: 2 }] },
    CreateOrganizationDomain: { domain: 'example.com' },
    OrganizationDomain: {
      id: DOMAIN,
      organizationId: ORGANIZATION,
      domain: 'example.com',
      status: 'verified',
      record: {
        type: 'TXT',
        name: '_daytona-verification.example.com',
        value: 'daytona-verification=aLBzUs3Vq0ZkV4xQm1rVvN8bW3s',
      },
      verifiedAt: CREATED,
      confirmedAt: UPDATED,
      ...dates,
    },
    SetIdentityProvider: { ...identityProvider, clientSecret: 'YOUR_CLIENT_SECRET' },
    UpdateIdentityProvider: { signIn: 'required' },
    IdentityProvider: {
      organizationId: ORGANIZATION,
      ...identityProvider,
      redirectUri: `${issuer}/oauth/upstream/${ORGANIZATION}/callback`,
      backchannelLogoutUri: `${issuer}/oauth/upstream/${ORGANIZATION}/backchannel-logout`,
      signIn: 'optional',
      ...dates,
    },
    GroupRoles: provisioning.groupRoles[0],
    SetProvisioning: provisioning,
    Provisioning: provisioning,
    CreateResourceServer: {
      identifier: resourceServer.identifier,
      name: resourceServer.name,
      scopes: resourceServer.scopes,
    },
    ResourceScope: resourceServer.scopes[0],
    ResourceServer: resourceServer,
    UpdateResourceServer: { enabled: false },
    SandboxListItem: sandbox,
    ListSandboxesResponse: { items: [sandbox], nextCursor: null },
    CreateSandbox: { name: 'python-sandbox', snapshot: 'python:3.11', labels: { team: 'research' }, cpu: 2, memory: 4 },
    Sandbox: { ...sandbox, env: { LOG_LEVEL: 'info' }, kvm: false },
    SandboxLabelsInput: { labels: { team: 'research' } },
    SandboxLabels: { labels: { team: 'research' } },
    UpdateSandboxStateDto: { state: 'started' },
    CreateSnapshot: { name: 'python-tools', imageName: 'python:3.11', entrypoint: ['sleep', 'infinity'], cpu: 2 },
    SnapshotDto: snapshot,
    PaginatedSnapshots: { items: [snapshot], total: 1, page: 1, totalPages: 1 },
    CreateVolume: { name: 'data' },
    VolumeDto: {
      id: VOLUME,
      name: 'data',
      organizationId: ORGANIZATION,
      state: 'ready',
      ...dates,
      lastUsedAt: null,
      errorReason: null,
    },
    CreateDockerRegistry: { ...registry, password: 'YOUR_REGISTRY_PASSWORD' },
    DockerRegistry: { id: REGISTRY, ...registry, registryType: 'organization', ...dates },
    UpdateDockerRegistry: registry,
    Error: { statusCode: 403, message: 'Forbidden', error: 'Insufficient permissions' },
  }
}

/** Responses that are no schema with a name, by the id of the operation. */
export const responseExamples: Readonly<Record<string, unknown>> = {
  getOpenApi: { openapi: '3.1.0', info: { title: 'Daytona API', version: '0.1.0' }, paths: {} },
  getHealth: { status: 'ok' },
  getReadiness: { status: 'ready', checks: { database: 'ok', migrations: 'ok', 'signing-keys': 'ok' } },
  getOrganizationInvitationsCountForAuthenticatedUser: 1,
  exportOrganizationAuditLogs: `${JSON.stringify(event)}\n`,
  streamEvents: `event: audit\nid: ${EVENT}\ndata: ${JSON.stringify(event)}\n\n`,
}

/** Parameters, by name. */
export const parameterExamples: Readonly<Record<string, unknown>> = {
  organizationId: ORGANIZATION,
  userId: ADA,
  roleId: ROLE,
  invitationId: INVITATION,
  sessionId: 'uYwQYq0ZkV4xQm1rVvN8bW3sT6dE9aLh',
  clientId: APP,
  secretId: SECRET,
  resourceServerId: RESOURCE_SERVER,
  domainId: DOMAIN,
  appAccess: 'by_approval',
  sandboxIdOrName: 'python-sandbox',
  volumeId: VOLUME,
  name: 'deploy',
  [ORGANIZATION_HEADER]: ORGANIZATION,
  'last-event-id': EVENT,
}

/** Parameters of single operations, by the operation's id and the parameter's name. */
export const operationParameterExamples: Readonly<Record<string, unknown>> = {
  'getSnapshot id': 'python-tools',
  'removeSnapshot id': SNAPSHOT,
  'getRegistry id': REGISTRY,
  'updateRegistry id': REGISTRY,
  'deleteRegistry id': REGISTRY,
  'getVolumeByName name': 'data',
}

/** The bodies of errors, by status. */
export const errorExamples: Readonly<Record<string, { readonly summary: string; readonly error: string }>> = {
  400: { summary: 'A member is invalid', error: 'permissions: must name at least one permission' },
  401: { summary: 'The credential is not accepted', error: 'Invalid or expired API key' },
  403: { summary: 'The credential does not permit this', error: 'Insufficient permissions' },
  404: { summary: 'Not found, or outside the access of the credential', error: 'API key not found' },
  409: { summary: 'A conflict', error: 'An active API key of that name exists already' },
  413: { summary: 'The body is too large', error: 'Body is too large' },
  415: { summary: 'The body is no JSON', error: 'Content-Type is missing or not supported: use application/json' },
  422: { summary: 'The search takes too long', error: 'The search takes too long: narrow it' },
  429: { summary: 'Too many requests', error: 'Rate limit exceeded' },
  503: { summary: 'A dependency is not available', error: 'Service unavailable' },
}
