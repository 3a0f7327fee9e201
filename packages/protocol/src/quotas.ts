/** What an organization may have a quota of: the table that is counted, as one thing and as several. */
export const QUOTA_RESOURCES = {
  api_keys: ['active API key', 'active API keys'],
  members: ['member', 'members'],
  roles: ['role', 'roles'],
  invitations: ['pending invitation', 'pending invitations'],
  oauth_apps: ['OAuth app', 'OAuth apps'],
  resource_servers: ['resource server', 'resource servers'],
  sandboxes: ['sandbox', 'sandboxes'],
  snapshots: ['snapshot', 'snapshots'],
  volumes: ['volume', 'volumes'],
  registries: ['registry', 'registries'],
} as const satisfies Record<string, readonly [one: string, several: string]>

export type QuotaResource = keyof typeof QUOTA_RESOURCES

export const isQuotaResource = (name: string): name is QuotaResource => Object.hasOwn(QUOTA_RESOURCES, name)

/** Formats a number of what is counted: "1 role", "1,000 roles". */
export function countedResource(resource: QuotaResource, count: number): string {
  const [one, several] = QUOTA_RESOURCES[resource]
  return `${count.toLocaleString('en')} ${count === 1 ? one : several}`
}
