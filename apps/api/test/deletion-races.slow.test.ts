import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startProcess } from './api-process.ts'
import { type Route, routesOf } from './routes.ts'
import { type Answer, type Asked, RESOURCE_SECRETS_KEY, world } from './world.ts'
import { BODIES, makeScene, pathOf, type Scene } from './writing-scene.ts'

const ROUNDS = 4
const UNLIMITED = { REQUESTS_PER_MINUTE: '100000', SANDBOX_CREATIONS_PER_MINUTE: '100000' }

const { url, request, person, database, api } = await world({ after }, UNLIMITED)
const sql = database.$client
const other = await startProcess(
  { after },
  {
    databaseUrl: url,
    env: {
      ...UNLIMITED,
      MANAGEMENT_WRITES_PER_CREDENTIAL: '100000',
      RESOURCE_SECRETS_KEY,
    },
  },
)
const there = { ...api, url: other.url }

const writing = routesOf(await request('GET', '/openapi.json')).filter(
  ({ method, access, namesOrganization, takesOrganization }) =>
    !['GET', 'HEAD'].includes(method) && access !== 'public' && (namesOrganization || takesOrganization),
)

/** The things that a write can depend on, and the requests that delete them. */
const PARENTS: Record<string, (scene: Scene) => string> = {
  'the organization': ({ organization }) => `/organizations/${organization}`,
  'the role': ({ organization, parameters }) => `/organizations/${organization}/roles/${parameters['roleId']}`,
  'the member': ({ organization, parameters }) => `/organizations/${organization}/users/${parameters['userId']}`,
  'the app': ({ parameters }) => `/oauth-apps/${parameters['clientId']}`,
  'the key': ({ key }) => `/api-keys/${key.name}`,
}

/** The writes refer to everything that can be deleted. */
function bodyOf({ method, template }: Route, { parameters }: Scene): object | undefined {
  const body = BODIES[`${method} ${template}`]
  return body && 'assignedRoleIds' in body ? { ...body, assignedRoleIds: [parameters['roleId']] } : body
}

async function send(route: Route, scene: Scene, credential: string): Promise<Answer> {
  const body = bodyOf(route, scene) ?? (['POST', 'PUT', 'PATCH'].includes(route.method) ? {} : undefined)
  const asked: Asked = {
    ...(route.takesOrganization && { organization: scene.organization }),
    ...(body !== undefined && { body }),
  }
  return request(route.method, pathOf(route, scene), credential, asked)
}

/** The columns that refer to an organization, with or without a foreign key. The audit trail is kept after deletion. */
const columns = (
  await sql`SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name IN ('organization_id', 'home_organization_id')
      AND table_name NOT LIKE 'audit%' ORDER BY table_name, column_name`
).map((row) => ({ table: String(row['table_name']), column: String(row['column_name']) }))

/** Returns the columns with rows that refer to a deleted organization. */
async function orphans(): Promise<string[]> {
  const found: string[] = []
  for (const { table, column } of columns) {
    const [row] = await sql`SELECT count(*)::int AS count FROM ${sql(table)} AS child
      WHERE child.${sql(column)} IS NOT NULL
        AND NOT EXISTS (SELECT FROM organizations WHERE id = child.${sql(column)})`
    if (row?.['count'] !== 0) found.push(`${table}.${column}: ${row?.['count']}`)
  }
  return found
}

const isFine = ({ status, headers }: Answer) =>
  (status >= 200 && status < 500) || (status === 503 && headers.get('retry-after') !== null)

it('covers the writing routes and the tables of organizations', () => {
  assert.ok(writing.length >= 25, String(writing.length))
  assert.ok(columns.length >= 8, JSON.stringify(columns))
})

for (const [what, parentOf] of Object.entries(PARENTS)) {
  describe(`a write while ${what} is deleted by another process (${writing.length} routes, ${ROUNDS} rounds)`, () => {
    for (const route of writing) {
      it(`succeeds or is refused: ${route.method} ${route.template}`, async () => {
        const rounds = Array.from({ length: ROUNDS }, async (_, round) => {
          const made = await makeScene({ person, database })
          const scene: Scene = { ...made, parameters: { ...made.parameters, name: made.key.name } }
          const { organization, token, key } = scene
          const credential = route.access === 'person' || round % 2 === 0 ? token.value : key.value
          // Cached by both processes, so that the requests differ only in their own work.
          await Promise.all([
            request('GET', '/users/me', credential),
            request('GET', '/users/me', token.value, { api: there }),
          ])
          const deletion = async () => {
            await delay(round * 2)
            return request('DELETE', parentOf(scene), token.value, {
              api: there,
              ...(!parentOf(scene).startsWith('/organizations') && { organization }),
            })
          }
          return Promise.all([send(route, scene, credential), deletion()])
        })
        for (const [written, deleted] of await Promise.all(rounds)) {
          assert.ok(isFine(written), `write: ${written.status} ${written.text}`)
          assert.ok(isFine(deleted), `deletion: ${deleted.status} ${deleted.text}`)
        }
      })
    }

    it('leaves no row behind that refers to a deleted organization', async () => assert.deepEqual(await orphans(), []))
  })
}
