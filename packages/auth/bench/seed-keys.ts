import type { Database } from '@daytona-auth/db/core'
import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import { mintKey } from '../src/credential/api-key.ts'

/** The keys to make: each has an owner and organizations of its own, so that no two share memory in a cache. */
export interface SeededKeys {
  readonly count: number
  readonly organizationsPerKey: number
  /** Characters of the names of people and keys; they are not Latin, and take two bytes each. */
  readonly nameLength: number
}

/** Writes keys with all that they depend on, without triggers. Returns them. Needs a superuser. */
export async function seedKeys(
  { $client: sql }: Database,
  { count, organizationsPerKey, nameLength }: SeededKeys,
  prefix: string,
): Promise<string[]> {
  const keys = Array.from({ length: count }, () => mintKey())
  const digests = keys.map(({ digest }) => Buffer.from(digest).toString('hex'))
  const id = (kind: string, number: string) =>
    `'${kind}_${prefix}' || lpad((${number})::text, 22 - ${prefix.length}, '0')`
  const keyNumbers = `generate_series(1, ${count}) k`
  const pairs = `${keyNumbers}, generate_series(1, ${organizationsPerKey}) o`
  const organization = id('org', `k * 1000 + o`)
  const name = `rpad(k::text, ${nameLength}, 'Ж')`
  await sql.begin(async (tx) => {
    await tx.unsafe(`SET LOCAL session_replication_role = replica`)
    await tx.unsafe(`INSERT INTO users (id, email, name)
      SELECT ${id('usr', 'k')}, ${id('usr', 'k')} || '@example.com', ${name} FROM ${keyNumbers}`)
    await tx.unsafe(`INSERT INTO organizations (id, name, created_by)
      SELECT ${organization}, 'Organization', ${id('usr', 'k')} FROM ${pairs}`)
    await tx.unsafe(`INSERT INTO organization_members (organization_id, user_id, role)
      SELECT ${organization}, ${id('usr', 'k')}, 'owner' FROM ${pairs}`)
    await tx.unsafe(`INSERT INTO api_keys (id, organization_id, user_id, name, permissions)
      SELECT ${id('key', 'k')}, ${id('org', 'k * 1000 + 1')}, ${id('usr', 'k')}, ${name}, '{read:sandboxes,write:sandboxes}'
      FROM ${keyNumbers}`)
    await tx.unsafe(`INSERT INTO api_key_organizations (key_id, organization_id, user_id, name)
      SELECT ${id('key', 'k')}, ${organization}, ${id('usr', 'k')}, ${name} FROM ${pairs}`)
    await tx.unsafe(
      `INSERT INTO api_key_secrets (digest, key_id, hint)
      SELECT decode(digest, 'hex'), ${id('key', 'k')}, '${KEY_PREFIX}abcd…wxyz' FROM unnest($1::text[]) WITH ORDINALITY AS d (digest, k)`,
      [`{${digests.join(',')}}`],
    )
  })
  await sql.unsafe('ANALYZE')
  return keys.map(({ key }) => key)
}
