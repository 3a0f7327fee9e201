import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { type Scope, SERVER_ROLES, testDatabase } from '@daytona-auth/testing'
import type postgres from 'postgres'
import { connect } from '../src/core/client.ts'
import { migrate } from '../src/operations/migrate.ts'
import {
  FUNCTION_PRIVILEGES,
  SERVER_KINDS,
  type ServerKind,
  TABLE_PRIVILEGES,
} from '../src/operations/server-privileges.ts'
import { rowsOf } from './rows.ts'

const PRIVILEGES = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'] as const
/** insufficient_privilege */
const DENIED = { code: '42501' }

/** Creates a login role with `attributes` until the end of `scope`. Returns its name. */
async function newRole(scope: Scope, { asAdministrator }: Made, attributes = ''): Promise<string> {
  const role = `role_${randomBytes(6).toString('hex')}`
  await asAdministrator((sql) => sql.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD 'opensesame' ${attributes}`))
  // After the database and the role's objects in it: `scope` runs its clean-up in the order of registration.
  scope.after(() => asAdministrator((sql) => sql.unsafe(`DROP ROLE ${role}`)))
  return role
}

/** A database that is copied from a template lacks the privileges on itself: they are granted again. */
async function grantedDatabase(scope: Scope): Promise<Made> {
  const made = await testDatabase(scope)
  await migrate(made.url, { roles: SERVER_ROLES })
  return made
}

type Made = Awaited<ReturnType<typeof testDatabase>>

function urlOf({ url }: Made, role: string): string {
  const its = new URL(url)
  its.username = role
  its.password = 'opensesame'
  return its.href
}

function openAs(scope: Scope, url: string): postgres.Sql {
  const { $client } = connect(url, { max: 1 })
  scope.after(() => $client.end({ timeout: 1 }))
  return $client
}

describe('the role of a server', () => {
  it('has exactly the declared privileges on each table and column', async (t) => {
    const { database } = await testDatabase(t)
    const { $client: sql } = database
    const tables = await sql<{ name: string; isPartition: boolean }[]>`
      SELECT nspname || '.' || relname AS name, relispartition AS "isPartition"
      FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
      WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND relkind IN ('r', 'p', 'v', 'm', 'f')`
    const declared = tables.filter(({ isPartition }) => !isPartition).map(({ name }) => name)
    assert.deepEqual(declared.toSorted(), Object.keys(TABLE_PRIVILEGES).toSorted())
    const partitions = new Set(tables.filter(({ isPartition }) => isPartition).map(({ name }) => name))
    const declaredFor = (name: string, kind: ServerKind) =>
      partitions.has(name) ? '' : (TABLE_PRIVILEGES[name]?.[kind] ?? '')
    let checks = 0
    const differences: string[] = []
    for (const kind of SERVER_KINDS) {
      const role = SERVER_ROLES[kind]
      const onTables = await sql<{ name: string; privilege: string; has: boolean }[]>`
        SELECT name, privilege, has_table_privilege(${role}, name, privilege) AS has
        FROM unnest(string_to_array(${tables.map(({ name }) => name).join()}, ',')) AS name,
          unnest(string_to_array(${PRIVILEGES.join()}, ',')) AS privilege`
      const onColumns = await sql<{ name: string; column: string; privilege: string; has: boolean }[]>`
        SELECT name, attname AS "column", privilege, has_column_privilege(${role}, name, attname, privilege) AS has
        FROM unnest(string_to_array(${tables.map(({ name }) => name).join()}, ',')) AS name
        JOIN pg_attribute ON attrelid = name::regclass AND attnum > 0 AND NOT attisdropped,
          unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS privilege`
      for (const { name, column, privilege, has } of [
        ...onTables.map((each) => ({ ...each, column: undefined })),
        ...onColumns,
      ]) {
        const text = declaredFor(name, kind)
        // A privilege, and the columns that it is limited to: `SELECT, UPDATE (a, b)`.
        const granted = [...text.matchAll(/([A-Z]+)(?: \(([^)]+)\))?/g)].find(([, name]) => name === privilege)
        const some = granted?.[2]?.split(', ')
        const expected =
          granted !== undefined && (some === undefined || (column !== undefined && some.includes(column)))
        checks += 1
        if (has !== expected) differences.push(`${role}: ${privilege} on ${name} ${column ?? ''}: ${has}`)
      }
    }
    assert.deepEqual(differences, [])
    assert.ok(checks > 1000)
    t.diagnostic(`${tables.length} tables and partitions, ${checks} checks`)
  })

  it('may call the declared functions, and has only USAGE and CONNECT on sequences, schemas and the database', async (t) => {
    const { database } = await grantedDatabase(t)
    const { $client: sql } = database
    const functions = await sql<{ id: number; name: string }[]>`
      SELECT pg_proc.oid::int AS id, nspname || '.' || proname AS name
      FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
      WHERE nspname NOT IN ('pg_catalog', 'information_schema')`
    const names = new Set(functions.map(({ name }) => name))
    assert.deepEqual(
      Object.keys(FUNCTION_PRIVILEGES).filter((name) => !names.has(name)),
      [],
    )
    for (const kind of SERVER_KINDS) {
      const role = SERVER_ROLES[kind]
      const callable: string[] = []
      for (const { id, name } of functions) {
        const [row] = await sql`SELECT has_function_privilege(${role}, ${id}::oid, 'EXECUTE') AS has`
        if (row?.['has']) callable.push(name)
      }
      const declared = Object.entries(FUNCTION_PRIVILEGES).filter(([, kinds]) => kinds.includes(kind))
      assert.deepEqual(callable.toSorted(), declared.map(([name]) => name).toSorted())
      const [rest] = await sql`
        SELECT has_database_privilege(${role}, current_database(), 'CREATE') AS "createSchema",
          has_database_privilege(${role}, current_database(), 'TEMPORARY') AS temporary,
          has_database_privilege(${role}, current_database(), 'CONNECT') AS connect,
          (SELECT count(*)::int FROM pg_namespace WHERE has_schema_privilege(${role}, oid, 'CREATE')) AS "creatable",
          (SELECT count(*)::int FROM pg_sequence
            WHERE has_sequence_privilege(${role}, seqrelid, 'USAGE, SELECT, UPDATE')) AS sequences,
          (SELECT count(*)::int FROM pg_class JOIN pg_roles ON pg_roles.oid = relowner WHERE rolname = ${role}) AS owned`
      const expected = { createSchema: false, temporary: false, connect: true, creatable: 0, sequences: 0, owned: 0 }
      assert.deepEqual({ ...rest }, expected)
    }
    t.diagnostic(`${functions.length} functions`)
  })

  const refused: readonly [what: string, statement: string][] = [
    ['disable a trigger', 'ALTER TABLE audit_events DISABLE TRIGGER refuse_audit_change'],
    ['disable all triggers', 'ALTER TABLE api_keys DISABLE TRIGGER ALL'],
    ['skip triggers as a replica', 'SET session_replication_role = replica'],
    ['change an event', "UPDATE audit_events SET action = 'x'"],
    ['remove events', 'DELETE FROM audit_events'],
    ['remove events of a month', 'DELETE FROM audit_events_default'],
    ['read a month by itself', 'SELECT FROM audit_events_default'],
    ['empty the trail', 'TRUNCATE audit_events'],
    ['empty a month', 'TRUNCATE audit_events_default'],
    ['empty the keys', 'TRUNCATE api_keys CASCADE'],
    ['drop the trail', 'DROP TABLE audit_events'],
    ['detach a month', 'ALTER TABLE audit_events DETACH PARTITION audit_events_default'],
    ['set the head of a chain', "UPDATE audit_chain_heads SET sequence = 0, hash = ''"],
    ['insert the head of a chain', "INSERT INTO audit_chain_heads VALUES ('org_x', 5, '')"],
    ['change an anchor', "UPDATE audit_anchors SET signature = ''"],
    ['alter a table', 'ALTER TABLE users ADD COLUMN extra text'],
    ['create a table', 'CREATE TABLE public.extra (n int)'],
    ['create a table of the session', 'CREATE TEMPORARY TABLE extra (n int)'],
    ['create a schema', 'CREATE SCHEMA extra'],
    ['create a function', 'CREATE FUNCTION public.extra() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$'],
    [
      'replace a function',
      "CREATE OR REPLACE FUNCTION public.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    ],
    ['create a trigger', 'CREATE TRIGGER extra BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION notify_all()'],
    ['create a rule', 'CREATE RULE extra AS ON DELETE TO users DO INSTEAD NOTHING'],
    ['record a migration', "INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('', 1)"],
    ['become the owner', 'SET ROLE postgres'],
    ['read the passwords of roles', 'SELECT FROM pg_authid'],
    ['run a program', "COPY (SELECT 1) TO PROGRAM 'true'"],
  ]
  const refusedToOne = {
    api: [
      ['read password digests', 'SELECT * FROM user_credentials'],
      ['read private signing keys', 'SELECT private_jwk FROM signing_keys'],
      [
        'add a signing key',
        "INSERT INTO signing_keys (kid, alg, status, public_jwk, private_jwk) VALUES ('k', 'ES256', 'active', '{}', '')",
      ],
      [
        'issue a token of the provider',
        "INSERT INTO oidc_artifacts (model, digest, payload, expires_at) VALUES ('x', '', '{}', now())",
      ],
      [
        'issue a grant',
        "INSERT INTO grants (id, user_id, client_id, scopes, payload, expires_at) VALUES ('g', 'u', 'c', '{}', '{}', now())",
      ],
    ],
    provider: [
      [
        'create a key',
        "INSERT INTO api_keys (id, organization_id, user_id, name, permissions) VALUES ('k', 'o', 'u', 'n', '{}')",
      ],
      ['read the trail', 'SELECT * FROM audit_events'],
      ['drop a month', "SELECT drop_audit_partition('audit_events_2020_01')"],
      ['read registry passwords', 'SELECT * FROM registries'],
      ['read sandboxes', 'SELECT * FROM sandboxes'],
      ['change a role', "UPDATE roles SET permissions = '{admin:organization}'"],
    ],
  } as const

  for (const kind of SERVER_KINDS) {
    it(`refuses ${refused.length + refusedToOne[kind].length} statements to the ${kind}`, async (t) => {
      const { serverUrls } = await grantedDatabase(t)
      const sql = openAs(t, serverUrls[kind])
      for (const [what, statement] of [...refused, ...refusedToOne[kind]]) {
        await assert.rejects(async () => await sql.unsafe(statement), DENIED, what)
      }
    })
  }

  it('appends to the trail, whose chain the owner advances', async (t) => {
    const { serverUrls, database } = await testDatabase(t)
    const rows = rowsOf(database)
    const organization = await rows.organization(await rows.user())
    for (const kind of SERVER_KINDS) {
      await openAs(t, serverUrls[kind])`
        INSERT INTO audit_events (id, organization_id, action, source) VALUES (${kind}, ${organization}, 'a.b', 'test')`
    }
    const [head] = await database.$client`SELECT sequence::int AS sequence FROM audit_chain_heads`
    assert.deepEqual({ ...head }, { sequence: 2 })
  })
})

describe('a migration that grants', () => {
  it('runs as an owner that is no superuser, and the servers have the declared privileges', async (t) => {
    const made = await testDatabase(t, { isMigrated: false })
    const owner = await newRole(t, made)
    const server = await newRole(t, made)
    await made.asAdministrator((sql) => sql.unsafe(`ALTER DATABASE ${made.name} OWNER TO ${owner}`))
    await migrate(urlOf(made, owner), { roles: { api: server, provider: server } })
    const sql = openAs(t, urlOf(made, server))
    assert.deepEqual([...(await sql`SELECT id FROM users`)], [])
    await sql`SELECT ensure_audit_partitions(4)`
    await assert.rejects(async () => await sql`CREATE TABLE extra (n int)`, DENIED)
    // A user that owns nothing may migrate if no migration is missing, as a start of standalone does.
    assert.deepEqual(await migrate(urlOf(made, server)), [])
  })

  it('revokes additional privileges of a role, and grants missing ones again', async (t) => {
    const made = await testDatabase(t)
    const role = await newRole(t, made)
    await made.database.$client.unsafe(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role};
      GRANT CREATE ON SCHEMA public TO PUBLIC; GRANT UPDATE (action) ON audit_events TO ${role}`)
    await migrate(made.url, { roles: { api: role } })
    const privileges = async () => {
      const [row] = await made.database.$client`
        SELECT has_table_privilege(${role}, 'audit_events', 'TRUNCATE, TRIGGER, UPDATE, DELETE') AS additional,
          has_column_privilege(${role}, 'audit_events', 'action', 'UPDATE') AS "column",
          has_schema_privilege(${role}, 'public', 'CREATE') AS "create",
          has_table_privilege(${role}, 'api_keys', 'SELECT') AS needed`
      return { ...row }
    }
    assert.deepEqual(await privileges(), { additional: false, column: false, create: false, needed: true })
    await made.database.$client.unsafe(`REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${role}`)
    await migrate(made.url, { roles: { api: role } })
    assert.equal((await privileges())['needed'], true)
  })

  it('refuses a role that is missing, a superuser, or the owner', async (t) => {
    const made = await testDatabase(t)
    const superuser = await newRole(t, made, 'SUPERUSER')
    const owner = await newRole(t, made)
    const member = await newRole(t, made, `IN ROLE ${owner}`)
    for (const [role, message] of [
      ['missing', /has no role missing/],
      [superuser, /is a superuser/],
      [owner, /is the one that migrates/],
      [member, /is the one that migrates, or a member/],
    ] as const) {
      await assert.rejects(migrate(urlOf(made, owner), { roles: { api: role } }), message)
    }
  })
})

describe('a migration in a hostile database', () => {
  const TABLES = Object.keys(TABLE_PRIVILEGES).map((path) => path.slice(path.indexOf('.') + 1))

  it('works in public, with any search_path and any schema of its user', async (t) => {
    const made = await testDatabase(t, { isMigrated: false })
    const owner = await newRole(t, made)
    const server = await newRole(t, made)
    await made.asAdministrator((sql) => sql.unsafe(`ALTER DATABASE ${made.name} OWNER TO ${owner}`))
    const { $client: sql } = made.database
    for (const schema of [owner, server, 'hostile']) {
      await sql.unsafe(`CREATE SCHEMA ${schema}; GRANT ALL ON SCHEMA ${schema} TO ${owner}, ${server}`)
      for (const table of TABLES) await sql.unsafe(`CREATE TABLE ${schema}.${table} (hostile int)`)
      await sql.unsafe(
        `CREATE FUNCTION ${schema}.notify_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
      )
    }
    for (const role of [owner, server]) {
      await sql.unsafe(`ALTER ROLE ${role} IN DATABASE ${made.name} SET search_path = "$user", hostile, public`)
    }
    await sql.unsafe(`ALTER DATABASE ${made.name} SET search_path = hostile`)
    await migrate(urlOf(made, owner), { roles: { api: server, provider: server } })
    const api = connect(urlOf(made, server), { max: 1 })
    t.after(() => api.$client.end({ timeout: 1 }))
    // As the server, in one session: organization, key and event.
    const rows = rowsOf(api)
    const user = await rows.user()
    await rows.key(user, await rows.organization(user))
    await api.$client`INSERT INTO audit_events (id, organization_id, action, source) VALUES ('evt_1', 'org_1', 'a.b', 'test')`
    const [counts] = await sql`SELECT (SELECT count(*)::int FROM public.api_keys) AS keys,
      (SELECT count(*)::int FROM public.audit_events) AS events, (SELECT count(*)::int FROM hostile.api_keys) AS hostile`
    assert.deepEqual({ ...counts }, { keys: 1, events: 1, hostile: 0 })
    assert.deepEqual(await migrate(urlOf(made, owner)), [])
  })

  it('needs CREATE in public only as the owner, and reports that before any change', async (t) => {
    const made = await testDatabase(t, { isMigrated: false })
    const role = await newRole(t, made)
    const { $client: sql } = made.database
    await sql.unsafe(`REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO ${role};
      GRANT CREATE ON DATABASE ${made.name} TO ${role}`)
    await assert.rejects(migrate(urlOf(made, role)), /may not create tables in the schema public: migrate as the owner/)
    await sql.unsafe(`REVOKE CREATE ON DATABASE ${made.name} FROM ${role}; GRANT CREATE ON SCHEMA public TO ${role}`)
    await assert.rejects(migrate(urlOf(made, role)), /may not create the schema drizzle/)
    const [schema] = await sql`SELECT to_regnamespace('drizzle') AS name`
    assert.deepEqual({ ...schema }, { name: null })
    // Migrated by its owner, the same database serves roles that may create nothing in it.
    await migrate(made.url, { roles: { api: role, provider: role } })
    assert.deepEqual([...(await openAs(t, urlOf(made, role))`SELECT id FROM users`)], [])
  })
})
