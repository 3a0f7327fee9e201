import { GivenName } from '@daytona-auth/accounts/given-name'
import type { RegistryRow } from '@daytona-auth/db'
import { boundedText } from '@daytona-auth/service'
import * as z from 'zod'
import { GivenId, Instant, instant } from '../../http/schemas.ts'
import { serverOf } from './url.ts'

const Url = boundedText({ max: 2000 }).refine(
  (text) => serverOf(text) !== undefined,
  'must be an address such as https://registry.example.com or docker.io',
)

const Text = boundedText({ max: 1000 })

/** A service account's whole key is a password, too. */
const Password = boundedText({ min: 1, max: 16_384 })

const given = {
  name: GivenName.describe('Unique in the organization'),
  url: Url.describe('Its server, with a path if need be; https unless it says otherwise'),
  username: Text,
}

export const CreateRegistry = z
  .object({ ...given, password: Password.describe('Kept encrypted, and never shown'), project: Text.default('') })
  .meta({ id: 'CreateDockerRegistry' })

export const UpdateRegistry = z
  .object({
    ...given,
    password: Password.optional().describe('Absent to keep it, which takes the server that it was given for'),
    project: Text.optional().describe('Absent to keep it'),
  })
  .meta({ id: 'UpdateDockerRegistry' })

export const RegistryPath = z.object({ id: GivenId })

export const Registry = z
  .object({
    id: z.string(),
    name: z.string(),
    url: z.string(),
    username: z.string(),
    project: z.string(),
    registryType: z.literal('organization'),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'DockerRegistry' })

export const registryToWire = (row: RegistryRow): z.output<typeof Registry> => ({
  id: row.id,
  name: row.name,
  url: row.url,
  username: row.username,
  project: row.project,
  registryType: 'organization',
  createdAt: instant(row.createdAt),
  updatedAt: instant(row.updatedAt),
})
