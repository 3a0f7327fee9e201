import assert from 'node:assert/strict'
import { it } from 'node:test'
import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import { ORGANIZATION_HEADERS } from '@daytona-auth/protocol/organization-header'
import { readSourceFiles } from '../structure/imports.ts'

/** What exactly one source file may have, in code and in comments, so that it changes in one place. */
const SINGLE: readonly {
  readonly what: string
  readonly text: RegExp
  readonly file: string
  readonly within?: RegExp
}[] = [
  {
    what: 'the header that selects the organization',
    text: new RegExp(ORGANIZATION_HEADERS.join('|'), 'i'),
    file: 'packages/protocol/src/organization-header.ts',
  },
  {
    what: 'SQLSTATEs',
    text: /'(?!\d+MB')(?:0[0389A]|2[0-8BDF]|3[489BDF]|4[024]|5[3-8]|DA)[0-9A-Z]{3}'/,
    file: 'packages/service/src/http/sql-state.ts',
  },
  {
    what: 'the queries of the keys that keys were made with',
    text: /WITH RECURSIVE[^`]*parent_key_id/i,
    file: 'packages/db/src/principals/key-family.ts',
  },
  {
    what: 'the parsing of cursors',
    text: /JSON\.parse\(Buffer\.from\(/,
    file: 'apps/api/src/http/cursor.ts',
    within: /^apps\/api\//,
  },
  { what: 'the building of a 403', text: /new Denial\(\s*403/, file: 'packages/service/src/http/denial.ts' },
  {
    what: 'the 403 that names missing permissions',
    text: /error="insufficient_scope"/,
    file: 'packages/service/src/http/denial.ts',
    within: /^(?!packages\/sdk\/)/,
  },
  {
    what: 'the headers of a rate limit',
    text: /x-ratelimit-/i,
    file: 'packages/auth/src/http/rate-limit-headers.ts',
  },
  {
    what: 'the verification of a signed token',
    text: /jwtVerify|jwtDecrypt|compactVerify|flattenedVerify|@fastify\/jwt|fast-jwt'/,
    file: 'packages/auth/src/verification/token-signatures.ts',
    // The SDK verifies tokens where there is no server of ours. A proof is verified with the key in its own header, and a logout
    // token of an upstream provider with that provider's keys.
    within: /^(?!packages\/sdk\/|packages\/protocol\/src\/token-proof\.ts|apps\/oidc\/src\/upstream\/logout-token\.ts)/,
  },
  { what: 'the prefix of API keys', text: new RegExp(KEY_PREFIX), file: 'packages/protocol/src/api-key-format.ts' },
]

for (const { what, text, file, within = /^/ } of SINGLE) {
  it(`only ${file} has ${what}`, async () => {
    const files = await readSourceFiles()
    assert.deepEqual(
      files.filter((source) => within.test(source.path) && text.test(source.text)).map(({ path }) => path),
      [file],
    )
  })
}
