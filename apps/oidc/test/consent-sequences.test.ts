import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { digestOf } from '@daytona-auth/auth'
import type { OrganizationId } from '@daytona-auth/db/core'
import fc from 'fast-check'
import { organizationOf } from './browser/harness.ts'
import { type Answer, arrive, authorizationRequest, send, type Visitor, visitor } from './browser/visitor.ts'
import { PASSWORD, testProvider } from './fixture.ts'

const provider = await testProvider({ after })
const PERMISSIONS = ['read:sandboxes', 'write:sandboxes', 'admin:organization'] as const
const REDIRECT = 'https://cobalt.example/callback'

const ada = await provider.person()
const organizations = [
  ada.organizationId,
  await organizationOf(provider, ada, 'A'),
  await organizationOf(provider, ada, 'B'),
]

/** An open page, and the request that it asks for. */
interface OpenPage {
  readonly page: Answer
  readonly permissions: readonly string[]
}

type Step =
  | { readonly kind: 'ask'; readonly permissions: readonly string[] }
  | {
      readonly kind: 'answer'
      readonly page: number
      readonly organizations: readonly number[]
      /** The permissions that the user leaves out. */
      readonly without: readonly string[]
    }
  | { readonly kind: 'return'; readonly answer: number }

const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('ask' as const),
      permissions: fc.subarray<string>([...PERMISSIONS], { minLength: 1 }),
    }),
    fc.record({
      kind: fc.constant('answer' as const),
      page: fc.nat(3),
      organizations: fc.subarray([0, 1, 2], { minLength: 1 }),
      without: fc.subarray<string>([...PERMISSIONS]),
    }),
    fc.record({ kind: fc.constant('return' as const), answer: fc.nat(3) }),
  ),
  { minLength: 4, maxLength: 12 },
)

const pairsOf = (ids: readonly string[], permissions: readonly string[]): string[] =>
  ids.flatMap((id) => permissions.map((permission) => `${id} ${permission}`))

/** Lists the (organization, permission) pairs of the grant that a code was issued under. */
async function granted({ location }: Answer): Promise<string[]> {
  const code = location?.searchParams.get('code') ?? ''
  const [grant] = await provider.database.$client<{ scopes: string[]; ids: OrganizationId[] }[]>`
    SELECT grants.scopes, organization_ids AS ids FROM grants JOIN oidc_artifacts ON grant_id = grants.id
    WHERE digest = ${digestOf(code)} AND model = 'AuthorizationCode'`
  assert.ok(grant, `no grant: ${location}`)
  return pairsOf(
    grant.ids,
    grant.scopes.filter((scope) => scope !== 'openid'),
  )
}

async function run(sequence: readonly Step[], visit: Visitor): Promise<void> {
  const { clientId } = await provider.client(ada, {
    type: 'spa',
    redirectUris: [REDIRECT],
    scopes: ['openid', ...PERMISSIONS],
  })
  const remembered = new Set<string>()
  const declined = new Set<string>()
  const pages: OpenPage[] = []
  /** Submitted pages whose authorization is not resumed yet, with the pairs agreed to on them. */
  const answers: { readonly resume: URL; readonly agreed: string[] }[] = []

  async function resume({ resume, agreed }: (typeof answers)[number]): Promise<void> {
    const left = await visit.follow(await visit.get(resume))
    assert.deepEqual((await granted(left)).toSorted(), agreed.toSorted())
  }

  for (const step of sequence) {
    if (step.kind === 'ask') {
      const { permissions } = step
      const scope = ['openid', ...permissions].join(' ')
      const page = await arrive(
        visit,
        authorizationRequest(provider.issuer, { client_id: clientId, redirect_uri: REDIRECT, scope }),
      )
      if (page.html.includes('name="decision"')) pages.push({ page, permissions })
      else {
        const pairs = await granted(page)
        assert.ok(pairs.length > 0 || permissions.every((permission) => declined.has(permission)))
        for (const pair of pairs) assert.ok(remembered.has(pair), `${pair} was granted without a page`)
      }
    } else if (step.kind === 'answer') {
      const [open] = pages.splice(step.page % Math.max(pages.length, 1), 1)
      if (!open) continue
      const ids = step.organizations.map((index) => String(organizations[index]))
      const without = new Set<string>(step.without)
      const left = open.permissions.filter((permission) => !without.has(permission))
      const fields = { decision: 'allow-chosen', organization: ids, scope: left }
      const { location } = await send(visit, open.page, 'consent', fields)
      assert.ok(location)
      for (const pair of pairsOf(organizations, open.permissions)) remembered.delete(pair)
      for (const permission of open.permissions) {
        if (left.includes(permission)) declined.delete(permission)
        else declined.add(permission)
      }
      const agreed = pairsOf(ids, left)
      for (const pair of agreed) remembered.add(pair)
      answers.push({ resume: location, agreed })
    } else {
      const [answer] = answers.splice(step.answer % Math.max(answers.length, 1), 1)
      if (answer) await resume(answer)
    }
  }
  for (const answer of answers) await resume(answer)
}

describe('a sequence of consents', () => {
  it('never grants a pair that was neither agreed to on its own page nor remembered', async () => {
    const visit = visitor(provider.issuer)
    const { clientId } = await provider.client(ada, { type: 'spa', redirectUris: [REDIRECT] })
    const page = await arrive(
      visit,
      authorizationRequest(provider.issuer, { client_id: clientId, redirect_uri: REDIRECT }),
    )
    await visit.follow(await send(visit, page, 'sign-in', { email: ada.email, password: PASSWORD }))

    const both = ['admin:organization', 'read:sandboxes']
    await fc.assert(
      fc.asyncProperty(steps, (sequence) => run(sequence, visit)),
      {
        numRuns: 25,
        examples: [
          // Admin of one organization, reader of another: a request for both needs a consent page.
          [
            [
              { kind: 'ask', permissions: ['admin:organization'] },
              { kind: 'answer', page: 0, organizations: [1], without: [] },
              { kind: 'ask', permissions: ['read:sandboxes'] },
              { kind: 'answer', page: 0, organizations: [2], without: [] },
              { kind: 'ask', permissions: both },
              { kind: 'ask', permissions: ['read:sandboxes'] },
            ],
          ],
          // Two open pages, answered in reverse order.
          [
            [
              { kind: 'ask', permissions: ['admin:organization'] },
              { kind: 'ask', permissions: ['read:sandboxes'] },
              { kind: 'answer', page: 1, organizations: [2], without: [] },
              { kind: 'answer', page: 0, organizations: [1], without: [] },
              { kind: 'return', answer: 1 },
              { kind: 'return', answer: 0 },
            ],
          ],
        ],
      },
    )
  })
})
