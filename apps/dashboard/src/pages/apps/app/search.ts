import { choiceOf, compact, textOf } from '../../../ui/search-params.ts'

export const TABS = ['overview', 'users', 'refused', 'settings'] as const
export type Tab = (typeof TABS)[number]

/** What is asked over the page. `delete-secret` is about the secret `secret`, and `add-uri` about `uri`. */
export const DIALOGS = ['rotate', 'delete', 'add-secret', 'delete-secret', 'add-uri'] as const
export type OpenDialog = (typeof DIALOGS)[number]

export interface AppSearch {
  readonly tab?: Tab | undefined
  readonly open?: OpenDialog
  /** The id of a secret, which is not the secret. */
  readonly secret?: string
  /** A redirect URI that was refused. */
  readonly uri?: string
}

export const appSearch = (search: Record<string, unknown>): AppSearch =>
  compact({
    tab: choiceOf(search, 'tab', TABS),
    open: DIALOGS.find((one) => one === search['open']),
    secret: textOf(search, 'secret', 128),
    uri: textOf(search, 'uri', 512),
  })
