import { stringify } from 'yaml'
import {
  COMPONENTS,
  componentArgs,
  type Manifest,
  PROFILES,
  profileArgs,
  RELEASE,
  renderChart,
  withoutHelm,
} from './chart.ts'
import { createPatch } from './patch.ts'
import type { Tools } from './tools.ts'

/** The text of each file below `kustomize/`, by its path. */
export type Files = Readonly<Record<string, string>>

const HEADER = '# Generated from chart/: npx pnpm@12 --filter @daytona-auth/docker kubernetes\n'
const KUSTOMIZE = 'kustomize.config.k8s.io'

/** Renders the base, the overlays and the components from the chart. */
export async function renderKustomize(tools: Tools): Promise<Files> {
  const render = async (...args: string[]) => withoutHelm(await renderChart(tools, ...args))
  const base = await render()
  const files: Record<string, string> = {}
  for (const [name, text] of Object.entries(baseFiles(base))) files[`base/${name}`] = text
  for (const name of PROFILES) {
    const added = differences(base, await render(...profileArgs(name)))
    const meta = { apiVersion: `${KUSTOMIZE}/v1beta1`, kind: 'Kustomization' }
    addFiles(files, `overlays/${name}`, { ...meta, namespace: RELEASE, resources: ['../../base'] }, added)
  }
  for (const name of Object.keys(COMPONENTS) as (keyof typeof COMPONENTS)[]) {
    const added = differences(base, await render(...componentArgs(name)))
    addFiles(files, `components/${name}`, { apiVersion: `${KUSTOMIZE}/v1alpha1`, kind: 'Component' }, added)
  }
  return files
}

/** A file for each part, one for what all share, and the variables, of which kustomize makes the ConfigMap. */
function baseFiles(manifests: readonly Manifest[]): Record<string, string> {
  const parts = new Map<string, Manifest[]>()
  for (const manifest of manifests) {
    if (manifest.kind === 'ConfigMap') continue
    const part = manifest.metadata.labels?.['app.kubernetes.io/component'] ?? 'shared'
    parts.set(part, [...(parts.get(part) ?? []), manifest])
  }
  const names = [...parts.keys()].sort()
  const kustomization = {
    apiVersion: `${KUSTOMIZE}/v1beta1`,
    kind: 'Kustomization',
    namespace: RELEASE,
    resources: ['../namespace', ...names.map((name) => `${name}.yaml`)],
    configMapGenerator: [
      {
        name: RELEASE,
        literals: literals(dataOf(manifests)),
        options: { labels: configOf(manifests)?.metadata.labels },
      },
    ],
  }
  const files = { 'kustomization.yaml': HEADER + write(kustomization) }
  return Object.assign(
    files,
    Object.fromEntries([...parts].map(([name, all]) => [`${name}.yaml`, HEADER + all.map(write).join('---\n')])),
  )
}

interface Differences {
  readonly resources: readonly Manifest[]
  readonly patches: readonly { readonly target: object; readonly patch: string }[]
  readonly data: Readonly<Record<string, string>>
}

function differences(base: readonly Manifest[], changed: readonly Manifest[]): Differences {
  const find = (among: readonly Manifest[], { kind, metadata }: Manifest) =>
    among.find((each) => each.kind === kind && each.metadata.name === metadata.name)
  const missing = base.find((each) => !find(changed, each))
  if (missing) throw new Error(`${missing.kind} ${missing.metadata.name} is in the base only: patches do not remove it`)
  const before = dataOf(base)
  return {
    resources: changed.filter((each) => !find(base, each)),
    patches: changed.flatMap((each) => {
      const original = each.kind === 'ConfigMap' ? undefined : find(base, each)
      const operations = original ? createPatch(original, each) : []
      if (operations.length === 0) return []
      return [{ target: { kind: each.kind, name: each.metadata.name }, patch: write(operations) }]
    }),
    data: Object.fromEntries(Object.entries(dataOf(changed)).filter(([key, value]) => before[key] !== value)),
  }
}

function addFiles(files: Record<string, string>, folder: string, meta: object, added: Differences): void {
  const { resources, patches, data } = added
  const inherited = 'resources' in meta ? (meta.resources as string[]) : []
  const all = resources.length > 0 ? inherited.concat('resources.yaml') : inherited
  if (resources.length > 0) files[`${folder}/resources.yaml`] = HEADER + resources.map(write).join('---\n')
  const kustomization = {
    ...meta,
    ...(all.length > 0 && { resources: all }),
    ...(Object.keys(data).length > 0 && {
      configMapGenerator: [{ name: RELEASE, behavior: 'merge', literals: literals(data) }],
    }),
    ...(patches.length > 0 && { patches }),
  }
  files[`${folder}/kustomization.yaml`] = HEADER + write(kustomization)
}

const configOf = (manifests: readonly Manifest[]) => manifests.find(({ kind }) => kind === 'ConfigMap')

const dataOf = (manifests: readonly Manifest[]): Record<string, string> =>
  (configOf(manifests)?.['data'] ?? {}) as Record<string, string>

const literals = (data: Readonly<Record<string, string>>) =>
  Object.entries(data).map(([name, value]) => `${name}=${value}`)

const write = (value: unknown) => stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })
