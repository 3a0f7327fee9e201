import { GivenName } from '@daytona-auth/accounts/given-name'
import { FORM_FAULTS, RATE_LIMIT_HEADERS } from '@daytona-auth/auth'
import { providerShape } from '@daytona-auth/configuration/provider'
import { AUDIT_ACTIONS } from '@daytona-auth/db/audit'
import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import { ORGANIZATION_HEADER } from '@daytona-auth/protocol/organization-header'
import { IDENTITY_SCOPES, PERMISSIONS } from '@daytona-auth/protocol/scopes'
import { ERROR_CODES, variablesOf } from '@daytona-auth/service'
import { Eta } from 'eta'
import { TAG_DESCRIPTIONS } from '../../http/openapi-descriptions.ts'
import type { CreationLimits } from '../../limits/creation-limits.ts'
import { locate } from './assets.ts'
import { renderCode, renderMarkdown } from './markdown.ts'
import type { ReferenceDocument } from './reference/document.ts'
import { readReference } from './reference/reference.ts'
import { CATALOGUES, GUIDES, type GuideName, type Page, referencePage } from './site.ts'

/** The limits in force. */
export interface ShownLimits {
  readonly requestsPerMinute: number
  readonly unknownCredentialsPerMinute: number
  readonly sandboxCreationsPerMinute: number
  readonly invitationsPerHour: number
  readonly invitationsToAddressPerDay: number
  readonly invitationsOfOrganizationPerDay: number
  readonly managementWritesPerCredential: number
  readonly eventStreamsPerOrganization: number
  readonly eventStreamsPerUser: number
  readonly invitationTtlMs: number
  readonly bodyLimitBytes: number
  /** The retention of hourly and of daily usage. */
  readonly usageHoursDays: number
  readonly usageDays: number
  readonly creation: CreationLimits
}

/**
 * The pages contain no part of a request. Their templates, which escape every value, are files in `templates/` beside this
 * module, in a bundle in `docs/templates/`. Each is compiled when it is first rendered.
 */
const eta = new Eta({ views: locate('./docs/templates', './templates') ?? '', cache: true })

/** Guides are Markdown with values: their texts are ours. */
const guides = new Eta({
  views: locate('./docs/guides', './guides') ?? '',
  cache: true,
  defaultExtension: '.md',
  autoEscape: false,
  autoTrim: false,
})

const MENU = [
  { heading: 'Guides', pages: Object.values(GUIDES) },
  { heading: 'Catalogues', pages: Object.values(CATALOGUES) },
  {
    heading: 'Reference',
    pages: [...Object.keys(TAG_DESCRIPTIONS).map(referencePage), { path: '/openapi.json', title: 'openapi.json' }],
  },
]

const render = (template: string, page: Page, values: object): string =>
  eta.render(`./${template}`, { ...page, ...values, menu: MENU })

/** Renders a guide, with commands for the server at `issuer`. */
export function renderGuide(name: GuideName, issuer: string): string {
  const source = guides.render(`./${name}`, {
    issuer,
    organizationHeader: ORGANIZATION_HEADER,
    keyPrefix: KEY_PREFIX,
    permissions: PERMISSIONS,
    identityScopes: IDENTITY_SCOPES,
  })
  return render('guide', GUIDES[name], { html: renderMarkdown(source) })
}

/** Renders the page of the reference that describes the operations with a tag. */
export function renderReference(tag: string, document: ReferenceDocument): string {
  const reference = readReference(document).find((one) => one.tag === tag)
  if (!reference) throw new Error(`no operation has the tag ${tag}`)
  return render('reference', referencePage(tag), { ...reference, renderCode })
}

/** Renders the page for a path that does not exist. It does not repeat the path. */
export const renderUnknown = (): string => render('unknown', { path: '', title: 'Page not found' }, {})

export const renderErrors = (): string =>
  render('errors', CATALOGUES.errors, {
    codes: ERROR_CODES,
    faults: Object.values(FORM_FAULTS),
    organizationHeader: ORGANIZATION_HEADER,
  })

export const renderAuditEvents = (): string =>
  render('audit-events', CATALOGUES.auditEvents, { actions: AUDIT_ACTIONS })

/** The provider's limits and lifetimes, by the names of their variables. */
const PROVIDER_LIMIT = /_(?:LIMIT|WINDOW|TTL|GRACE)$/

export const renderRateLimits = (limits: ShownLimits): string =>
  render('rate-limits', CATALOGUES.rateLimits, {
    limits,
    number,
    headers: RATE_LIMIT_HEADERS,
    nameChars: GivenName.meta()?.['maxLength'],
    providerLimits: variablesOf(providerShape)
      .filter(({ name }) => PROVIDER_LIMIT.test(name))
      .map(({ meaning, default: value = 'none' }) => ({
        meaning,
        value: Number(value) ? number(Number(value)) : value,
      })),
  })

const number = (value: number): string => value.toLocaleString('en')
