import { MAX_DOMAIN_LENGTH } from '@daytona-auth/accounts/email-address'
import type { DomainRow } from '@daytona-auth/db/organizations'
import { boundedText, closedObject } from '@daytona-auth/service'
import * as z from 'zod'
import { GivenId, Instant, instant, instantOrNull } from '../../http/schemas.ts'
import { OrganizationPath } from '../organizations/schema.ts'
import { recordNameOf } from './domain-record.ts'

export const CreateOrganizationDomain = closedObject({
  domain: boundedText({ max: MAX_DOMAIN_LENGTH }).describe(
    'What follows the `@` of your e-mail addresses, such as `example.com`. Public mail services are refused',
  ),
}).meta({ id: 'CreateOrganizationDomain' })

export const DomainPath = OrganizationPath.extend({ domainId: GivenId })

export const OrganizationDomain = z
  .object({
    id: z.string(),
    organizationId: z.string(),
    domain: z.string(),
    status: z
      .enum(['pending', 'verified'])
      .describe('`verified`: it belongs to the organization. `pending`: no effect'),
    record: z
      .object({
        type: z.literal('TXT').describe('Its type'),
        name: z.string().describe('The name of the record'),
        value: z.string().describe('Its value'),
      })
      .describe('The DNS record that proves that the domain is yours. Keep it: it is looked up once a day'),
    verifiedAt: Instant.nullable().describe('When it was verified. `null`: it is pending'),
    confirmedAt: Instant.nullable().describe(
      'When the record was found last. The domain is `pending` again a week later if it stays missing',
    ),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'OrganizationDomain' })

export const domainToWire = (row: DomainRow): z.output<typeof OrganizationDomain> => ({
  id: row.id,
  organizationId: row.organizationId,
  domain: row.domain,
  status: row.verifiedAt === null ? 'pending' : 'verified',
  record: { type: 'TXT', name: recordNameOf(row.domain), value: row.token },
  verifiedAt: instantOrNull(row.verifiedAt),
  confirmedAt: instantOrNull(row.confirmedAt),
  createdAt: instant(row.createdAt),
  updatedAt: instant(row.updatedAt),
})
