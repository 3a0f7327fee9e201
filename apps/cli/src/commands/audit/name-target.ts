import type { AuditLog } from '@daytona-auth/sdk'
import type { NameOfUser } from '../member/member-names.ts'

/** Members of an event's metadata that name its target, in this order. Elsewhere, `keyName` is the key that acted. */
const NAMES = ['clientName', 'name', 'email'] as const
const KEY_NAMES = ['keyName'] as const

/** Names the target of an event: its type, and its name at that time, or its id if the event has no name. */
export function nameTarget({ targetType, targetId, metadata }: AuditLog, nameOfUser: NameOfUser): string {
  const after = isRecord(metadata['after']) ? metadata['after'] : {}
  const members = targetType === 'api_key' ? KEY_NAMES : NAMES
  const name = [...members.map((member) => metadata[member]), after['name']].find((value) => typeof value === 'string')
  const id = targetType === 'user' && targetId !== null ? nameOfUser(targetId) : targetId
  return [targetType, name ?? id].filter((part) => part !== null).join(' ')
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
