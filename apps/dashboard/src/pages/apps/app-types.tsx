import { AppWindow, type LucideIcon, MonitorSmartphone, Server } from 'lucide-react'
import type { AppType } from './app-draft.ts'

interface TypeDescription {
  readonly label: string
  /** For lists. */
  readonly shortLabel: string
  readonly icon: LucideIcon
  readonly sentence: string
}

/** The types of apps, by what the developer knows of theirs. */
export const APP_TYPES: Readonly<Record<AppType, TypeDescription>> = {
  web: {
    label: 'Web app with a server',
    shortLabel: 'Web app',
    icon: Server,
    sentence: 'Its server keeps a secret and receives the person back.',
  },
  spa: {
    label: 'Single-page app',
    shortLabel: 'Single-page app',
    icon: AppWindow,
    sentence: 'All of it runs in the browser, which can keep no secret.',
  },
  native: {
    label: 'Desktop, mobile or command line',
    shortLabel: 'Native app',
    icon: MonitorSmartphone,
    sentence: 'It runs on the person’s device, or on one without a browser.',
  },
}

/** A type with its picture and sentence, for the choice. */
export function AppTypeChoice({ type }: { readonly type: AppType }) {
  const { label, icon: Icon, sentence } = APP_TYPES[type]
  return (
    <span className="app-type">
      <Icon className="icon" aria-hidden="true" />
      <span>
        <strong>{label}</strong>
        <span className="hint">{sentence}</span>
      </span>
    </span>
  )
}
