import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor'
import { validate as deployment } from 'kubernetes-models/_schemas/IoK8sApiAppsV1Deployment'
import { validate as autoscaler } from 'kubernetes-models/_schemas/IoK8sApiAutoscalingV2HorizontalPodAutoscaler'
import { validate as job } from 'kubernetes-models/_schemas/IoK8sApiBatchV1Job'
import { validate as configMap } from 'kubernetes-models/_schemas/IoK8sApiCoreV1ConfigMap'
import { validate as namespace } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Namespace'
import { validate as secret } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Secret'
import { validate as service } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Service'
import { validate as ingress } from 'kubernetes-models/_schemas/IoK8sApiNetworkingV1Ingress'
import { validate as networkPolicy } from 'kubernetes-models/_schemas/IoK8sApiNetworkingV1NetworkPolicy'
import { validate as disruptionBudget } from 'kubernetes-models/_schemas/IoK8sApiPolicyV1PodDisruptionBudget'
import type { Manifest } from '../kubernetes/generate/chart.ts'

type Validate = ((data: unknown) => boolean) & { errors?: readonly Fault[] | null }
interface Fault {
  readonly instancePath: string
  readonly message?: string
  readonly keyword: string
}

/** Its package exports only the model, which throws. */
const podMonitor: Validate = Object.assign(
  (data: unknown) => {
    podMonitor.errors = []
    try {
      new PodMonitor(data as ConstructorParameters<typeof PodMonitor>[0]).validate()
    } catch (error) {
      podMonitor.errors = [{ instancePath: '', keyword: '', message: String(error) }]
    }
    return podMonitor.errors.length === 0
  },
  { errors: [] as readonly Fault[] },
)

/** The schemas of Kubernetes' OpenAPI document and of the Prometheus operator's CRD, compiled. */
const SCHEMAS: Readonly<Record<string, Validate>> = {
  'apps/v1 Deployment': deployment,
  'autoscaling/v2 HorizontalPodAutoscaler': autoscaler,
  'batch/v1 Job': job,
  'monitoring.coreos.com/v1 PodMonitor': podMonitor,
  'networking.k8s.io/v1 Ingress': ingress,
  'networking.k8s.io/v1 NetworkPolicy': networkPolicy,
  'policy/v1 PodDisruptionBudget': disruptionBudget,
  'v1 ConfigMap': configMap,
  'v1 Namespace': namespace,
  'v1 Secret': secret,
  'v1 Service': service,
}

/** Returns what is wrong with a manifest by its schema, unknown members included, as a strict API server finds it. */
export function manifestProblems(manifest: Manifest): string[] {
  const type = `${manifest.apiVersion} ${manifest.kind}`
  const validate = SCHEMAS[type]
  if (!validate) return [`${type} has no schema`]
  const unread = new Set<string>()
  const isValid = validate(watch(manifest, '', unread))
  const faults = isValid ? [] : (validate.errors ?? [])
  const prefix = `${manifest.kind} ${manifest.metadata.name}`
  return [
    ...faults.map(({ instancePath, keyword, message }) => `${prefix}${instancePath}: ${message ?? keyword}`),
    ...[...unread].map((path) => `${prefix}${path}: unknown`),
  ]
}

/**
 * Wraps a value so that `unread` keeps the members that were never read. The compiled schemas ignore unknown members, and
 * read each that they know.
 */
function watch(value: unknown, path: string, unread: Set<string>, wrapped = new WeakMap<object, object>()): unknown {
  if (typeof value !== 'object' || value === null) return value
  const known = wrapped.get(value)
  if (known) return known
  for (const key of Object.keys(value)) unread.add(`${path}/${key}`)
  const proxy = new Proxy(value, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key)
      if (typeof key !== 'string' || !Object.hasOwn(target, key)) return member
      unread.delete(`${path}/${key}`)
      return watch(member, `${path}/${key}`, unread, wrapped)
    },
  })
  wrapped.set(value, proxy)
  return proxy
}
