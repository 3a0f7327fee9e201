import { type Api, withApi } from './api.ts'
import type { CommandContext } from './command-context.ts'
import { escapeUnprintable } from './escape.ts'
import { Failure } from './failure.ts'
import { hasBrowser, openBrowser } from './login/browser.ts'

/** Returns the path of a page below the dashboard's URL. */
export type DashboardPage = (api: Api) => Promise<string> | string

/** Opens a page of the dashboard in the browser. Where there is none, it prints the URL. */
export async function openDashboard(context: CommandContext, page: DashboardPage): Promise<void> {
  const { terminal, output } = context
  const url = await withApi(context, async (api) => {
    const [{ dashboardUrl }, path] = await Promise.all([api.client.config(), page(api)])
    return requireSameOrigin(api.settings.apiUrl, `${dashboardUrl.replace(/\/$/, '')}${path}`)
  })
  if (!hasBrowser(terminal)) return output.text(`${url.href}\n`)
  await openBrowser(terminal, url)
  output.note(`Opening ${url.href} in your browser.`)
}

/** A page of the organization, such as `keys`. */
export const organizationPage =
  (page: string): DashboardPage =>
  async ({ organizationId }) =>
    `/o/${await organizationId()}/${page}`

/** Adds a query to the name of a page, if there is one. */
export function withQuery(page: string, query: Readonly<Record<string, string>>): string {
  const text = String(new URLSearchParams(query))
  return text === '' ? page : `${page}?${text}`
}

/** Rejects another origin, as at a login: a malicious server could open a page that looks like another dashboard. */
function requireSameOrigin(apiUrl: string, address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.origin === new URL(apiUrl).origin) return url
  throw new Failure(`The dashboard of ${apiUrl} is at another server: ${escapeUnprintable(address)}`, {
    hint: 'Open it yourself if you trust that server.',
  })
}
