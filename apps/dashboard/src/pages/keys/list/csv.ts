import type { ApiKey } from '@daytona-auth/sdk'

/** Formats keys as CSV (RFC 4180), with a header line. The keys themselves are masked. */
export function keysToCsv(keys: readonly ApiKey[], ownerOf: (key: ApiKey) => string): string {
  const header = [
    'id',
    'name',
    'key',
    'status',
    'owner',
    'permissions',
    'created',
    'last used',
    'last seen',
    'outcome',
    'address',
    'expires',
  ]
  const rows = keys.map((key) => [
    key.id,
    key.name,
    key.value,
    key.status,
    ownerOf(key),
    key.permissions.join(' '),
    key.createdAt,
    key.lastUsedAt ?? '',
    key.lastSeenAt ?? '',
    key.lastOutcome ?? '',
    key.lastSeenIp ?? '',
    key.expiresAt ?? '',
  ])
  return [header, ...rows].map((row) => row.map(toCell).join(',')).join('\r\n')
}

/**
 * Quotes a value. Names begin with a character that a spreadsheet takes for a formula only behind an apostrophe: members
 * choose names, and administrators open the file.
 */
function toCell(value: string): string {
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
