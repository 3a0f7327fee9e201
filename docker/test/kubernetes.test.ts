import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { variablesOf } from '@daytona-auth/service'
import { parse } from 'yaml'
import { COMPONENTS, type Manifest } from '../kubernetes/generate/chart.ts'
import type { Operation } from '../kubernetes/generate/patch.ts'
import { dockerfileOf } from '../try/images.ts'
import { compose, environmentOf, FOLDER, SECRET, SERVERS } from './compose.ts'
import { manifestProblems } from './manifest-schema.ts'
import {
  type Container,
  KUSTOMIZE,
  podOf,
  readKustomization,
  readManifests,
  type Variable,
  workloadOf,
} from './manifests.ts'
import { shapes } from './shapes.ts'

const base = readManifests('base', 'api.yaml', 'oidc.yaml', 'migrate.yaml', 'shared.yaml')
const production = readManifests('overlays/production', 'resources.yaml')
const [config] = readKustomization('base').configMapGenerator ?? []
const shared = Object.fromEntries((config?.literals ?? []).map((each) => each.split('=') as [string, string]))

const namesOf = (container: Container) => [
  ...(container.envFrom ? Object.keys(shared) : []),
  ...container.env.map((each) => each.name),
]

/** What the optional components append to a list of a server's pod. */
const addedTo = (server: string, list: string): unknown[] =>
  Object.keys(COMPONENTS).flatMap((component) =>
    (readKustomization(`components/${component}`).patches ?? [])
      .filter(({ target }) => target.kind === 'Deployment' && target.name === `daytona-auth-${server}`)
      .flatMap(({ patch }) => parse(patch) as Operation[])
      .filter(({ path }) => path === `/spec/template/spec/${list}/-`)
      .map(({ value }) => value),
  )

describe('kubernetes/kustomize', () => {
  it('conforms to the schemas of Kubernetes', () => {
    const all = [...base, ...production, ...readManifests('namespace', 'namespace.yaml')]
    assert.deepEqual(all.flatMap(manifestProblems), [])
  })

  it('lists every file', () => {
    for (const folder of ['base', 'overlays/production', 'overlays/evaluation', 'namespace']) {
      const files = readdirSync(join(KUSTOMIZE, folder)).filter((name) => name !== 'kustomization.yaml')
      const listed = (readKustomization(folder).resources ?? []).filter((name) => !name.startsWith('..'))
      assert.deepEqual(listed.toSorted(), files.toSorted())
    }
  })

  for (const name of SERVERS) {
    const pod = podOf(base, name)
    const [container] = pod.containers
    const [{ secret }] = pod.volumes
    const keys = secret.items.map(({ key }) => key)
    const service = compose.services[name]
    assert.ok(service)

    it(`${name} gets only variables that it reads, and those that it needs`, () => {
      const names = namesOf(container).map((each) => each.replace(/_FILE$/, ''))
      assert.deepEqual(
        names.filter((each) => !(each in shapes[name])),
        [],
      )
      const required = variablesOf(shapes[name]).flatMap((each) => (each.isRequired ? each.name : []))
      assert.deepEqual(
        required.filter((each) => !names.includes(each)),
        [],
      )
    })

    it(`${name} needs no key of its Secret but the required ones`, () => {
      const required = variablesOf(shapes[name]).flatMap((each) => (each.isRequired && each.secret ? each.name : []))
      assert.deepEqual(keys.toSorted(), required.toSorted())
      assert.equal(secret.secretName, `daytona-auth-${name}`)
    })

    it(`${name} gets secrets as files and none by value`, () => {
      const files = container.env.filter((each) => each.name.endsWith('_FILE'))
      assert.deepEqual(
        files,
        keys.map((key) => ({ name: `${key}_FILE`, value: `/run/secrets/${key}` })),
      )
      const values = namesOf(container).filter((each) => !each.endsWith('_FILE'))
      for (const each of values) assert.ok(!SECRET.test(each) || each === 'PROVIDER_URL', each)
    })

    it(`${name} has the variables of compose with all components`, () => {
      const added = (addedTo(name, 'containers/0/env') as Variable[]).map((each) => each.name)
      const optional = ['TRUSTED_PROXIES', 'LOG_LEVEL'].filter((each) => each in environmentOf(service))
      assert.deepEqual(
        [...namesOf(container), ...added, ...optional].toSorted(),
        Object.keys(environmentOf(service)).toSorted(),
      )
      const addedKeys = (addedTo(name, 'volumes/0/secret/items') as { key: string }[]).map(({ key }) => key)
      assert.deepEqual(added.toSorted(), addedKeys.map((key) => `${key}_FILE`).toSorted())
      assert.equal([...keys, ...addedKeys].length, service.secrets?.length)
    })

    it(`${name} runs without privileges and on a read-only file system`, () => {
      assert.partialDeepStrictEqual(pod, {
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
      })
      assert.deepEqual(container.securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
    })

    it(`${name} uses the image of compose`, () => {
      assert.equal(container.image.split(':')[0], service.image.split(':')[0])
    })

    it(`${name} has the labels that Kubernetes recommends`, () => {
      const { metadata } = workloadOf(base, name).spec.template
      const { version } = JSON.parse(readFileSync(join(FOLDER, '../apps/api/package.json'), 'utf8'))
      for (const labels of [metadata.labels, workloadOf(base, name).metadata.labels]) {
        assert.deepEqual(labels, {
          'app.kubernetes.io/name': 'daytona-auth',
          'app.kubernetes.io/instance': 'daytona-auth',
          'app.kubernetes.io/component': name,
          'app.kubernetes.io/part-of': 'daytona-auth',
          'app.kubernetes.io/version': version,
        })
      }
    })

    it(`${name} may be reached, and connect, only as its network policy says`, () => {
      const policies = base.filter(({ kind }) => kind === 'NetworkPolicy').map(({ spec }) => spec as NetworkPolicySpec)
      const labels = workloadOf(base, name).spec.template.metadata.labels ?? {}
      const selecting = policies.filter(({ podSelector }) =>
        Object.entries(podSelector.matchLabels).every(([label, value]) => labels[label] === value),
      )
      assert.equal(selecting.length, 2)
      for (const { policyTypes } of selecting) assert.deepEqual(policyTypes, ['Ingress', 'Egress'])
      const [denied, allowed] = selecting.toSorted((one, other) => Number('egress' in one) - Number('egress' in other))
      assert.deepEqual(Object.keys(denied ?? {}).toSorted(), ['podSelector', 'policyTypes'])
      const egress = allowed?.egress.flatMap(({ ports }) => ports.map(({ port }) => port)) ?? []
      assert.deepEqual(egress, name === 'oidc' ? [53, 53, 5432, 443] : [53, 53, 5432])
      assert.equal(allowed?.ingress?.length ?? 0, name === 'migrate' ? 0 : 2)
    })

    if (name === 'migrate') continue
    const dockerfile = readFileSync(dockerfileOf(name), 'utf8')

    it(`${name} names the ports that its image and its variables set`, () => {
      const [, port] = /\bPORT=(\d+)/.exec(dockerfile) ?? []
      assert.deepEqual(container.ports, [
        { name: 'http', containerPort: Number(port) },
        { name: 'metrics', containerPort: Number(shared['METRICS_PORT']) },
      ])
    })

    it(`${name} receives requests only while ready, and is restarted if it does not answer`, () => {
      assert.equal(container.readinessProbe?.httpGet.path, '/health/ready')
      assert.equal(container.livenessProbe?.httpGet.path, '/health')
      assert.equal(container.startupProbe?.httpGet.path, '/health')
      for (const kind of ['Service', 'PodDisruptionBudget']) {
        assert.ok(base.some((each) => each.kind === kind && each.metadata.name === `daytona-auth-${name}`))
      }
    })

    it(`${name} may start for longer than it waits for the database, and a roll-out waits longer`, () => {
      const waits = Number(/^(\d+)s$/.exec(shared['DATABASE_WAIT'] ?? '')?.[1])
      const { failureThreshold = 0, periodSeconds = 0 } = container.startupProbe ?? {}
      assert.ok(failureThreshold * periodSeconds > waits)
      assert.ok((workloadOf(base, name).spec.progressDeadlineSeconds ?? 0) > failureThreshold * periodSeconds)
    })

    it(`${name} is given the time to stop that it takes, after endpoints were updated`, () => {
      const [, grace] = /^(\d+)s$/.exec(String(Object(service)['stop_grace_period'])) ?? []
      const before = container.lifecycle?.preStop.sleep.seconds ?? 0
      assert.ok(before > 0)
      assert.equal(pod.terminationGracePeriodSeconds, before + Number(grace))
    })
  }

  it('gives the secrets of the provider to the provider only', () => {
    const holders = SERVERS.filter((name) =>
      podOf(base, name).volumes[0].secret.items.some(({ key }) => /SIGNING_KEYS_SECRET|COOKIE_KEYS/.test(key)),
    )
    assert.deepEqual(holders, ['oidc'])
  })

  it('migrates with the image of the API, for a limited time', () => {
    assert.equal(podOf(base, 'migrate').containers[0].image, podOf(base, 'api').containers[0].image)
    assert.deepEqual(podOf(base, 'migrate').containers[0].command, ['daytona-auth', 'migrate'])
    assert.ok((workloadOf(base, 'migrate').spec.activeDeadlineSeconds ?? 0) > 0)
  })

  it('spreads the pods of each release of a program, and lets nodes be drained', () => {
    for (const name of ['api', 'oidc']) {
      const spread = podOf(base, name)['topologySpreadConstraints'] as {
        topologyKey: string
        matchLabelKeys: string[]
      }[]
      assert.deepEqual(
        spread.map(({ topologyKey, matchLabelKeys }) => [topologyKey, ...matchLabelKeys]),
        [
          ['topology.kubernetes.io/zone', 'pod-template-hash'],
          ['kubernetes.io/hostname', 'pod-template-hash'],
        ],
      )
    }
    const budgets = base.filter(({ kind }) => kind === 'PodDisruptionBudget').map(({ spec }) => spec)
    assert.equal(budgets.length, 2)
    for (const budget of budgets) {
      assert.partialDeepStrictEqual(budget, { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' })
    }
  })

  it('scales both servers in production', () => {
    const scaled = production.filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
    assert.deepEqual(
      scaled.map(({ spec }) => Object(spec).scaleTargetRef.name),
      ['daytona-auth-api', 'daytona-auth-oidc'],
    )
  })

  it('sends the paths of the provider to the provider in production, as the Caddyfile does', () => {
    const ingress = production.find(({ kind }) => kind === 'Ingress')
    assert.equal(Object(ingress?.['spec']).ingressClassName, 'nginx')
    const [{ http }] = Object(ingress?.['spec']).rules
    const provider = (http.paths as IngressPath[]).filter(({ backend }) => backend.service.name === 'daytona-auth-oidc')
    const caddyfile = readFileSync(join(FOLDER, 'proxy/Caddyfile'), 'utf8')
    const [, paths = ''] = /@provider path (.*)/.exec(caddyfile) ?? []
    assert.deepEqual(
      provider.map(({ path, pathType }) => (pathType === 'Prefix' ? `${path}/*` : path)),
      paths.split(' '),
    )
  })

  it('scrapes metrics without taking the place of a label that they have', () => {
    const monitor = production.find(({ kind }) => kind === 'PodMonitor')
    const [endpoint] = Object(monitor?.['spec']).podMetricsEndpoints
    assert.equal(endpoint.port, 'metrics')
    const metrics: Record<string, Record<string, string[]>> = JSON.parse(
      readFileSync(join(FOLDER, 'monitoring/metrics.json'), 'utf8'),
    )
    const labels = Object.values(metrics).flatMap((each) => Object.values(each).flat())
    // What the Prometheus operator adds to the series of a PodMonitor. Rules and dashboard select by our `service`.
    for (const added of ['namespace', 'container', 'pod', 'endpoint', 'job', 'instance']) {
      assert.ok(!labels.includes(added) && added !== 'service', added)
    }
  })
})

describe('a manifest', () => {
  it('is refused with an unknown member, a wrong type or a missing member', () => {
    const change = (to: (manifest: Record<string, Record<string, unknown>>) => void) => {
      const manifest = structuredClone(workloadOf(base, 'api'))
      to(manifest as never)
      return manifestProblems(manifest as Manifest)
    }
    const name = 'Deployment daytona-auth-api/spec'
    assert.deepEqual(
      change((manifest) => Object.assign(manifest['spec'] ?? {}, { replica: 3 })),
      [`${name}/replica: unknown`],
    )
    assert.match(
      change((manifest) => Object.assign(manifest['spec'] ?? {}, { replicas: '3' })).join(),
      new RegExp(`${name}/replicas: `),
    )
    assert.match(
      change((manifest) => Reflect.deleteProperty(manifest['spec'] ?? {}, 'selector')).join(),
      new RegExp(`${name}: `),
    )
  })
})

interface NetworkPolicySpec {
  readonly podSelector: { readonly matchLabels: Readonly<Record<string, string>> }
  readonly policyTypes: readonly string[]
  readonly ingress?: readonly unknown[]
  readonly egress: readonly { readonly ports: readonly { readonly port: number }[] }[]
}

interface IngressPath {
  readonly path: string
  readonly pathType: string
  readonly backend: { readonly service: { readonly name: string } }
}
