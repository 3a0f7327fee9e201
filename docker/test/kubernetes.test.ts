import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { compose, environmentOf, FOLDER, SERVERS } from './compose.ts'

interface Pod {
  readonly automountServiceAccountToken: boolean
  readonly securityContext: { readonly runAsNonRoot: boolean; readonly runAsUser: number }
  readonly containers: readonly {
    readonly image: string
    readonly command?: readonly string[]
    readonly env: readonly { readonly name: string; readonly value: string }[]
    readonly envFrom?: readonly unknown[]
    readonly securityContext: Readonly<Record<string, unknown>>
    readonly livenessProbe?: { readonly httpGet: { readonly path: string } }
    readonly readinessProbe?: { readonly httpGet: { readonly path: string } }
  }[]
  readonly volumes: readonly { readonly secret: { readonly items: readonly { readonly key: string }[] } }[]
}

interface Resource {
  readonly kind: string
  readonly metadata: { readonly name?: string; readonly labels?: Readonly<Record<string, string>> }
  readonly data?: Readonly<Record<string, string>>
  readonly spec?: { readonly template?: { readonly spec: Pod } }
}

const folder = join(FOLDER, 'kubernetes')
const files = readdirSync(folder).filter((name) => name !== 'kustomization.yaml')
const resources = files.flatMap((name) =>
  parseAllDocuments(readFileSync(join(folder, name), 'utf8')).map((document) => {
    assert.deepEqual(document.errors, [], name)
    return document.toJS() as Resource
  }),
)
const find = (kind: string, name: string) =>
  resources.find(({ kind: each, metadata }) => each === kind && (metadata.name ?? metadata.labels?.['app']) === name)

describe('kubernetes/', () => {
  it('is listed completely, except for the job that each release creates', () => {
    const { resources: listed } = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'))
    assert.deepEqual([...listed, 'migrate.yaml'].sort(), [...files].sort())
  })

  for (const name of SERVERS) {
    const pod = find(name === 'migrate' ? 'Job' : 'Deployment', name)?.spec?.template?.spec
    const service = compose.services[name]
    assert.ok(pod && service)
    const [container] = pod.containers
    assert.ok(container)

    it(`${name} has the same variables as in compose`, () => {
      const shared = container.envFrom ? Object.keys(find('ConfigMap', 'daytona-auth')?.data ?? {}) : []
      const names = [...shared, ...container.env.map((each) => each.name)]
      assert.deepEqual(names.sort(), Object.keys(environmentOf(service)).sort())
      assert.equal(container.image.split(':')[0], service.image.split(':')[0])
    })

    it(`${name} has the same secrets as in compose`, () => {
      const keys = pod.volumes.flatMap(({ secret }) => secret.items.map(({ key }) => key))
      assert.deepEqual(keys.sort(), [...(service.secrets ?? [])].sort())
      for (const { name: variable, value } of container.env) {
        if (variable.endsWith('_FILE')) assert.ok(keys.includes(value.replace('/run/secrets/', '')), variable)
      }
    })

    it(`${name} runs without privileges and on a read-only file system`, () => {
      assert.partialDeepStrictEqual(pod, {
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 10001 },
      })
      assert.deepEqual(container.securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
    })

    if (name === 'migrate') continue
    it(`${name} receives requests only while ready, and is restarted if it does not answer`, () => {
      assert.equal(container.readinessProbe?.httpGet.path, '/health/ready')
      assert.equal(container.livenessProbe?.httpGet.path, '/health')
      assert.ok(find('Service', name) && find('PodDisruptionBudget', name))
    })
  }

  it('sends the paths of the provider to the provider, as the Caddyfile does', () => {
    const ingress = JSON.stringify(find('Ingress', 'daytona-auth'))
    const caddyfile = readFileSync(join(FOLDER, 'proxy/Caddyfile'), 'utf8')
    const [, paths = ''] = /@provider path (.*)/.exec(caddyfile) ?? []
    assert.ok(paths.includes('/oauth/*'))
    for (const path of paths.split(' ')) {
      assert.ok(ingress.includes(`"path":"${path.replace('/*', '')}"`), path)
    }
  })
})
