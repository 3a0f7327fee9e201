import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { Tools } from './tools.ts'

/** A manifest. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [member: string]: unknown
}

export const RELEASE = 'daytona-auth'
const CHART = join(import.meta.dirname, '../chart')

/** Profiles of values, which kustomize has as overlays. */
export const PROFILES = ['evaluation', 'production'] as const
/** Optional functions, which kustomize has as components, by their value. */
export const COMPONENTS = {
  redis: 'redis',
  mail: 'mail',
  'registry-passwords': 'registryPasswords',
  'organization-sign-in': 'organizationSignIn',
  'audit-anchors': 'auditAnchors',
} as const

export const profileArgs = (name: (typeof PROFILES)[number]): string[] => [
  `--values=${join(CHART, 'profiles', `${name}.yaml`)}`,
]
export const componentArgs = (name: keyof typeof COMPONENTS): string[] => [`--set=${COMPONENTS[name]}.enabled=true`]

/** Renders the chart as it is installed by Helm. */
export async function renderChart(tools: Tools, ...args: string[]): Promise<Manifest[]> {
  const text = await tools.helm('template', RELEASE, CHART, `--namespace=${RELEASE}`, ...args)
  return parseManifests(text)
}

/** Parses manifests as Kubernetes does: by YAML 1.1, in which 0440 is octal. */
export const parseManifests = (text: string): Manifest[] =>
  parseAllDocuments(text, { version: '1.1' }).flatMap((document) => {
    const [error] = document.errors
    if (error) throw error
    return document.toJS() ?? []
  })

/**
 * Returns the manifests without what only Helm uses: its labels, hooks, and the checksums by which it replaces pods.
 * kustomize does that by the hash in the names of ConfigMaps and Secrets.
 */
export const withoutHelm = (manifests: readonly Manifest[]): Manifest[] =>
  (JSON.parse(JSON.stringify(manifests)) as Manifest[]).map((manifest) => {
    removeKeys(manifest, (key) => /^(?:helm\.sh|checksum)\//.test(key) || key === 'app.kubernetes.io/managed-by')
    return manifest
  })

/** Removes matching keys in maps of `labels` and `annotations`, and a map that is empty afterwards. */
function removeKeys(value: unknown, isRemoved: (key: string) => boolean): void {
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    if ((name === 'labels' || name === 'annotations') && typeof member === 'object' && member !== null) {
      for (const key of Object.keys(member)) if (isRemoved(key)) Reflect.deleteProperty(member, key)
      if (Object.keys(member).length === 0) Reflect.deleteProperty(value, name)
    } else removeKeys(member, isRemoved)
  }
}
