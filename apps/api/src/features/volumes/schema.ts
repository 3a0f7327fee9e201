import { GivenName } from '@daytona-auth/accounts/given-name'
import type { VolumeRow } from '@daytona-auth/db/resources'
import * as z from 'zod'
import { pageQuery } from '../../http/list-pages.ts'
import { GivenId, Instant, instant, instantOrNull, Reference } from '../../http/schemas.ts'

export const CreateVolume = z
  .object({ name: GivenName.describe('Unique in the organization') })
  .meta({ id: 'CreateVolume' })

export const VolumePath = z.object({ volumeId: GivenId })

export const VolumeNamePath = z.object({ name: Reference })

export const ListVolumesQuery = z.object({
  includeDeleted: z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .default('false')
    .describe('Whether to include deleted volumes'),
  ...pageQuery,
})

export const Volume = z
  .object({
    id: z.string(),
    name: z.string(),
    organizationId: z.string(),
    state: z
      .string()
      .describe('`pending_create` until the platform has created it, `pending_delete` after you deleted it'),
    createdAt: Instant,
    updatedAt: Instant,
    lastUsedAt: Instant.nullable(),
    errorReason: z.string().nullable(),
  })
  .meta({ id: 'VolumeDto' })

export const volumeToWire = (row: VolumeRow): z.output<typeof Volume> => ({
  id: row.id,
  name: row.name,
  organizationId: row.organizationId,
  state: row.state,
  createdAt: instant(row.createdAt),
  updatedAt: instant(row.updatedAt),
  lastUsedAt: instantOrNull(row.lastUsedAt),
  errorReason: row.errorReason,
})
