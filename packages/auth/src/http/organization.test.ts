import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { OrganizationId } from '@daytona-auth/db/core'
import { Denial } from '@daytona-auth/service'
import fc from 'fast-check'
import { ALL_PERMISSIONS } from '../principal/permission.ts'
import type { OrganizationAccess } from '../principal/principal.ts'
import * as selection from './organization.ts'

const FORBIDDEN = { statusCode: 403, code: 'insufficient_permissions', error: 'Insufficient permissions' }
const NOT_FOUND = { statusCode: 404, code: 'organization_not_found', error: 'Organization not found' }
const TOO_LONG = {
  statusCode: 400,
  code: 'invalid_request',
  error: 'X-Daytona-Organization-ID header must be at most 128 characters',
}
const DISAGREES = {
  statusCode: 400,
  code: 'invalid_request',
  error: 'X-Daytona-Organization-ID header disagrees with the organization in the path',
}
const required = (count: number) => ({
  statusCode: 400,
  code: 'organization_required',
  error: `X-Daytona-Organization-ID header is required: this credential has access to ${count} organizations`,
})

/** The members of a denial that decide its response; an organization as it is. */
const gist = (choice: OrganizationAccess | Denial) =>
  choice instanceof Denial ? { statusCode: choice.statusCode, code: choice.code, error: choice.message } : choice

const selectByHeader = (...given: Parameters<typeof selection.selectByHeader>) =>
  gist(selection.selectByHeader(...given))
const selectByPath = (...given: Parameters<typeof selection.selectByPath>) => gist(selection.selectByPath(...given))

/** Header values that never select an organization. */
const MALFORMED = [
  ' ',
  'org_',
  'org_a,org_b',
  'org_a, org_b',
  'org_a, org_a',
  'ORG_A',
  'org_a ',
  ' org_a',
  'org_a\u0000',
  'org_%61',
  '"org_a"',
  '*',
  'null',
  'undefined',
  'constructor',
  '__proto__',
]

const id = (name: string) => `org_${name}` as OrganizationId
const reaching = (...names: string[]) => new Map(names.map((name) => [id(name), accessTo(name)]))

function accessTo(name: string): OrganizationAccess {
  return {
    organizationId: id(name),
    permissions: ALL_PERMISSIONS,
    role: 'owner',
    suspension: null,
    needsSecondFactor: false,
  }
}

const name = () => fc.stringMatching(/^[a-z0-9]{1,6}$/)
const names = (minLength = 0) => fc.uniqueArray(name(), { minLength, maxLength: 5 })

describe('selectByHeader', () => {
  it('refuses a credential without any organization, with any header', () => {
    for (const header of [undefined, 'org_a', ...MALFORMED]) {
      assert.deepEqual(selectByHeader(reaching(), header), FORBIDDEN)
    }
  })

  it('refuses an organization outside access, known or unknown, with the same answer', () => {
    for (const header of ['org_foreign', 'org_doesnotexist']) {
      assert.deepEqual(selectByHeader(reaching('a'), header), FORBIDDEN)
      assert.deepEqual(selectByHeader(reaching('a', 'b'), header), FORBIDDEN)
    }
  })

  for (const header of MALFORMED) {
    it(`refuses the header ${JSON.stringify(header)}, also for a single organization`, () => {
      assert.deepEqual(selectByHeader(reaching('a'), header), FORBIDDEN)
      assert.deepEqual(selectByHeader(reaching('a', 'b'), header), FORBIDDEN)
    })
  }

  it('refuses a header of more than 128 characters by its length, before everything else', () => {
    for (const within of [reaching(), reaching('a'), reaching('a', 'b')]) {
      assert.deepEqual(selectByHeader(within, 'o'.repeat(128)), FORBIDDEN)
      assert.deepEqual(selectByHeader(within, 'o'.repeat(129)), TOO_LONG)
      assert.deepEqual(selectByPath(within, 'org_x', 'o'.repeat(128)), NOT_FOUND)
      assert.deepEqual(selectByPath(within, 'org_x', 'o'.repeat(129)), TOO_LONG)
    }
  })

  it('requires the header for a credential with several organizations, and names their number', () => {
    assert.deepEqual(selectByHeader(reaching('a', 'b'), undefined), required(2))
    assert.deepEqual(selectByHeader(reaching('a', 'b', 'c'), undefined), required(3))
  })

  it('selects the only organization without a header, or with an empty one', () => {
    for (const header of [undefined, '']) {
      assert.deepEqual(selectByHeader(reaching('a'), header), accessTo('a'))
      assert.deepEqual(selectByHeader(reaching('a', 'b'), header), required(2))
    }
  })

  it('selects the organization that the header names', () => {
    assert.deepEqual(selectByHeader(reaching('a'), 'org_a'), accessTo('a'))
    assert.deepEqual(selectByHeader(reaching('a', 'b'), 'org_b'), accessTo('b'))
  })

  it('follows the table of the contract for every access and header', () => {
    fc.assert(
      fc.property(names(), fc.option(fc.oneof(name().map(id), fc.string()), { nil: undefined }), (within, header) => {
        const expected =
          within.length === 0
            ? FORBIDDEN
            : header === undefined || header === ''
              ? within.length === 1
                ? accessTo(within[0] ?? '')
                : required(within.length)
              : within.some((each) => id(each) === header)
                ? accessTo(header.slice(4))
                : FORBIDDEN
        assert.deepEqual(selectByHeader(reaching(...within), header), expected)
      }),
      { numRuns: 1000 },
    )
  })

  it('never selects an organization outside access', () => {
    fc.assert(
      fc.property(names(), fc.option(fc.string(), { nil: undefined }), (within, header) => {
        const choice = selectByHeader(reaching(...within), header)
        if ('organizationId' in choice) assert.ok(within.map(id).includes(choice.organizationId))
      }),
    )
  })

  it('answers the same for an organization outside access and for one that does not exist', () => {
    fc.assert(
      fc.property(names(), name(), name(), (within, foreign, unknown) => {
        fc.pre(!within.includes(foreign) && !within.includes(unknown))
        assert.deepEqual(
          selectByHeader(reaching(...within), id(foreign)),
          selectByHeader(reaching(...within), id(unknown)),
        )
      }),
    )
  })
})

describe('selectByPath', () => {
  it('answers 404 outside access, with any header', () => {
    for (const header of [undefined, 'org_a', 'org_b', ...MALFORMED]) {
      assert.deepEqual(selectByPath(reaching(), 'org_b', header), NOT_FOUND)
      assert.deepEqual(selectByPath(reaching('a'), 'org_b', header), NOT_FOUND)
    }
  })

  for (const path of MALFORMED) {
    it(`answers 404 for the path ${JSON.stringify(path)}`, () => {
      assert.deepEqual(selectByPath(reaching('a', 'b'), path, undefined), NOT_FOUND)
    })
  }

  for (const header of MALFORMED) {
    it(`refuses the header ${JSON.stringify(header)} with a path`, () => {
      assert.deepEqual(selectByPath(reaching('a', 'b'), 'org_a', header), DISAGREES)
    })
  }

  it('refuses a header that names another organization, within access or not', () => {
    assert.deepEqual(selectByPath(reaching('a', 'b'), 'org_a', 'org_b'), DISAGREES)
    assert.deepEqual(selectByPath(reaching('a', 'b'), 'org_a', 'org_c'), DISAGREES)
  })

  it('selects the organization of the path, also with several', () => {
    assert.deepEqual(selectByPath(reaching('a'), 'org_a', undefined), accessTo('a'))
    assert.deepEqual(selectByPath(reaching('a', 'b'), 'org_b', undefined), accessTo('b'))
    assert.deepEqual(selectByPath(reaching('a', 'b'), 'org_b', 'org_b'), accessTo('b'))
  })

  it('selects the organization of the path or none', () => {
    fc.assert(
      fc.property(names(), name(), fc.option(fc.string(), { nil: undefined }), (within, path, header) => {
        const choice = selectByPath(reaching(...within), id(path), header)
        const expected = !within.includes(path)
          ? NOT_FOUND
          : !header || header === id(path)
            ? accessTo(path)
            : DISAGREES
        assert.deepEqual(choice, expected)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('the organization that a request names', () => {
  it('is the value of the header, and undefined without one', () => {
    assert.equal(selection.namedOrganization({ 'x-daytona-organization-id': 'org_a' }), 'org_a')
    assert.equal(selection.namedOrganization({}), undefined)
  })

  it('is one text for a repeated header, which no organization has', () => {
    const headers = { 'x-daytona-organization-id': ['org_a', 'org_b'] } as unknown as Record<string, string>
    const named = selection.namedOrganization(headers)
    assert.equal(named, 'org_a,org_b')
    assert.deepEqual(selectByHeader(reaching('a', 'b'), named), FORBIDDEN)
  })

  it('is the reason that the log has of a denial, and its description says why', () => {
    for (const [denial, description] of [
      [selection.selectByHeader(new Map(), undefined), 'This credential has access to no organization'],
      [
        selection.selectByHeader(reaching('a'), 'org_b'),
        'X-Daytona-Organization-ID names no organization that this credential has access to',
      ],
    ] as const) {
      assert.ok(denial instanceof Denial)
      assert.equal(denial.cause, 'x-daytona-organization-id')
      assert.ok(denial.headers?.['www-authenticate']?.includes(`error_description="${description}"`))
    }
  })
})
