import { createAnchorSigner, dropAuditMonths } from '@daytona-auth/db/audit'
import type { Database } from '@daytona-auth/db/core'
import type { FastifyBaseLogger } from 'fastify'
import type { ApiConfig } from '../../config.ts'

type Setting = Pick<ApiConfig, 'AUDIT_RETENTION_MONTHS' | 'AUDIT_ANCHOR_KEYS'>

/** Drops months of the audit trail past their retention. Without a setting, the trail is kept forever. */
export async function dropOldAuditMonths(
  database: Database,
  { AUDIT_RETENTION_MONTHS: keepMonths, AUDIT_ANCHOR_KEYS: keys }: Setting,
  logger: Pick<FastifyBaseLogger, 'info'>,
): Promise<void> {
  if (keepMonths === undefined || keys === undefined) return
  const months = await dropAuditMonths(database, { keepMonths, signer: createAnchorSigner(keys) })
  if (months.length > 0) logger.info({ months }, 'months of the audit trail dropped')
}
