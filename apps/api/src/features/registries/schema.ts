import { GivenName } from '@daytona-auth/accounts/given-name'
import type { RegistryRow } from '@daytona-auth/db/resources'
import { boundedText } from '@daytona-auth/service'
import * as z from 'zod'
import { GivenId, Instant, instant } from '../../http/schemas.ts'
import { serverOf } from './url.ts'

const Url = boundedText({ max: 2000 }).refine(
  (text) => serverOf(text) !== undefined,
  'must be an address such as https://registry.example.com or docker.io',
)

const Text = boundedText({ max: 1000 })

/** Large enough for the JSON key of a service account, which registries take as a password. */
const Password = boundedText({ min: 1, max: 16_384 })

const given = {
  name: GivenName.describe('Unique in the organization'),
  url: Url.describe('The address of its server, with an optional path. Default scheme: https'),
  username: Text,
}

export const CreateRegistry = z
  .object({ ...given, password: Password.describe('Stored encrypted and never returned'), project: Text.default('') })
  .meta({ id: 'CreateDockerRegistry' })

export const UpdateRegistry = z
  .object({
    ...given,
    password: Password.optional().describe('Omit to keep it. Required if you change the server'),
    project: Text.optional().describe('Omit to keep it'),
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
