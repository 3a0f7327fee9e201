import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type Manifest, parseManifests } from '../kubernetes/generate/chart.ts'
import { FOLDER } from './compose.ts'

export interface Variable {
  readonly name: string
  readonly value: string
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
  readonly periodSeconds: number
  readonly timeoutSeconds: number
  readonly failureThreshold?: number
}

export interface Container {
  readonly name: string
  readonly image: string
  readonly command?: readonly string[]
  readonly env: readonly Variable[]
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
  readonly securityContext: Readonly<Record<string, unknown>>
  readonly startupProbe?: Probe
  readonly livenessProbe?: Probe
  readonly readinessProbe?: Probe
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } }
}

export interface Pod {
  readonly containers: readonly [Container]
  readonly terminationGracePeriodSeconds?: number
  readonly volumes: readonly [
    { readonly secret: { readonly secretName: string; readonly items: readonly { readonly key: string }[] } },
  ]
  readonly [member: string]: unknown
}

/** A Deployment or a Job. */
export interface Workload extends Manifest {
  readonly spec: {
    readonly replicas?: number
    readonly progressDeadlineSeconds?: number
    readonly activeDeadlineSeconds?: number
    readonly template: { readonly metadata: Manifest['metadata']; readonly spec: Pod }
  }
}

export const KUSTOMIZE = join(FOLDER, 'kubernetes/kustomize')

/** A kustomization.yaml of the repository. */
export interface Kustomization {
  readonly resources?: readonly string[]
  readonly configMapGenerator?: readonly { readonly name: string; readonly literals: readonly string[] }[]
  readonly patches?: readonly {
    readonly target: { readonly kind: string; readonly name: string }
    readonly patch: string
  }[]
}

export const readKustomization = (folder: string): Kustomization =>
  parse(readFileSync(join(KUSTOMIZE, folder, 'kustomization.yaml'), 'utf8'))

export const readManifests = (folder: string, ...files: string[]): Manifest[] =>
  files.flatMap((file) => parseManifests(readFileSync(join(KUSTOMIZE, folder, file), 'utf8')))

/** Finds the Deployment of a server, or the Job of the migration. @throws Error if there is none */
export function workloadOf(manifests: readonly Manifest[], part: string): Workload {
  const found = manifests.find(
    ({ kind, metadata }) => (kind === 'Deployment' || kind === 'Job') && metadata.name === `daytona-auth-${part}`,
  )
  if (!found) throw new Error(`there is no Deployment or Job of ${part}`)
  return found as Workload
}

export const podOf = (manifests: readonly Manifest[], part: string): Pod =>
  workloadOf(manifests, part).spec.template.spec
