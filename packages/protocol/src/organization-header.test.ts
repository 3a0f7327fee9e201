import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ORGANIZATION_HEADER, organizationReader, organizationRequired } from './organization-header.ts'

const read = (headers: Record<string, string>, name: string) => headers[name]

it('the documented header does not change', () => {
  assert.equal(ORGANIZATION_HEADER, 'X-Daytona-Organization-ID')
  assert.equal(
    organizationRequired(2),
    'X-Daytona-Organization-ID header is required: this credential has access to 2 organizations',
  )
})

it('an organization is read from its header', () => {
  const readOrganization = organizationReader(read, ['X-One'])
  assert.equal(readOrganization({ 'x-one': 'org_a' }), 'org_a')
  for (const headers of [{}, { 'x-one': '' }, { 'x-two': 'org_a' }]) assert.equal(readOrganization(headers), undefined)
})

it('an organization is read from an alias', () => {
  const readOrganization = organizationReader(read, ['X-One', 'X-Two', 'X-Three'])
  for (const name of ['x-one', 'x-two', 'x-three']) assert.equal(readOrganization({ [name]: 'org_a' }), 'org_a')
  assert.equal(readOrganization({ 'x-one': 'org_a', 'x-two': '', 'x-three': 'org_a' }), 'org_a')
  for (const headers of [{}, { 'x-one': '', 'x-two': '' }]) assert.equal(readOrganization(headers), undefined)
})

it('headers that disagree name no organization', () => {
  const readOrganization = organizationReader(read, ['X-One', 'X-Two'])
  assert.equal(readOrganization({ 'x-one': 'org_a', 'x-two': 'org_b' }), 'org_a,org_b')
})
