import { type SQL, sql } from 'drizzle-orm'

/**
 * Begins a statement with `family (id)`: the keys that `roots` selects, and all that were made with them, directly or not.
 * `roots` selects the column `id`.
 */
export const withDescendants = (roots: SQL): SQL => sql`WITH RECURSIVE family AS (
    ${roots}
    UNION SELECT child.id FROM api_keys child JOIN family ON child.parent_key_id = family.id
  )`

/**
 * As `withDescendants`, with `root`: the key of `roots` that it is or was made with. A key that was made with several of them
 * is in several rows, and one of `roots` itself may be in a row of another.
 */
export const withDescendantsByRoot = (roots: SQL): SQL => sql`WITH RECURSIVE family AS (
    SELECT id, id AS root FROM (${roots}) roots
    UNION SELECT child.id, family.root FROM api_keys child JOIN family ON child.parent_key_id = family.id
  )`

/**
 * Begins a statement with `line (child_id, key_id, grant_id)`: every key and grant that a key was made with, directly or not,
 * for each key that meets `condition`, which is about `k`. A row has a key or a grant, and neither where a person made the
 * key.
 *
 * `tag` builds the statement: `String.raw` a text, drizzle's `sql` one with parameters.
 */
export const withAncestors = <Part>(
  tag: (strings: TemplateStringsArray, ...parts: Part[]) => Part,
  condition: Part,
): Part => tag`WITH RECURSIVE line AS (
    SELECT k.id AS child_id, k.parent_key_id AS key_id, k.parent_grant_id AS grant_id
    FROM api_keys k WHERE ${condition}
    UNION SELECT line.child_id, older.parent_key_id, older.parent_grant_id
    FROM line JOIN api_keys older ON older.id = line.key_id
  )`
