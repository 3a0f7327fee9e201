import { join } from 'node:path'
import { after } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { dashboardClient, obtainAccessToken } from '../../../apps/standalone/test/oauth-flow.ts'
import { createTempDirectory, readCredentials, startStandalone } from '../../../apps/standalone/test/standalone.ts'
import { DaytonaAuth } from '../src/index.ts'

// One server for all tests: the whole service, as `pnpm start` starts it.
export const directory = await createTempDirectory({ after })
const dataDir = join(directory, '.data')
const { url } = await testDatabase()
const server = await startStandalone({ after }, { dataDir, env: { DATABASE_URL: url } })
await server.ready()

export const { origin } = server
export const { user, organizationId, apiKey } = await readCredentials(dataDir)

/** Uses the first key, an administrator of the shared organization. */
export const admin = new DaytonaAuth({ apiUrl: origin, apiKey })

/** The owner, signed in to the dashboard. */
export const person = new DaytonaAuth({
  apiUrl: origin,
  accessToken: await obtainAccessToken(origin, user, dashboardClient(origin)),
})
