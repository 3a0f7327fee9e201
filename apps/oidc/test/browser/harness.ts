import { existsSync } from 'node:fs'
import { newId, type OrganizationId } from '@daytona-auth/db/core'
import type { Scope } from '@daytona-auth/testing'
import { type Browser, chromium } from 'playwright-core'
import type { Person, TestProvider } from '../fixture.ts'

/** Creates a shared organization with `owner` as its owner. */
export async function organizationOf({ database }: TestProvider, owner: Person, name: string): Promise<OrganizationId> {
  const id = newId('org')
  await database.$client`INSERT INTO organizations (id, name, created_by) VALUES (${id}, ${name}, ${owner.userId})`
  await database.$client`
    INSERT INTO organization_members (organization_id, user_id, role) VALUES (${id}, ${owner.userId}, 'owner')`
  return id
}

/** Reads the audit trail of a person's own organization, oldest first. */
export async function trailOf({ database }: TestProvider, { organizationId }: Person) {
  return [
    ...(await database.$client<Record<string, unknown>[]>`
      SELECT action, status_code AS "statusCode", actor_id AS "actorId", target_id AS "targetId"
      FROM audit_events WHERE organization_id = ${organizationId} ORDER BY sequence`),
  ]
}

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
)

/** The reason to skip browser tests on this machine; false if a browser is available. */
export const withoutBrowser: string | false = CHROMIUM === undefined && 'no Chromium is installed'

/** Launches headless Chromium. */
export async function launchBrowser(scope: Scope): Promise<Browser> {
  const browser = await chromium.launch({
    ...(CHROMIUM !== undefined && { executablePath: CHROMIUM }),
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  scope.after(() => browser.close())
  return browser
}
