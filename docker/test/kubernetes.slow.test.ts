import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { inspect } from 'node:util'
import {
  COMPONENTS,
  componentArgs,
  type Manifest,
  PROFILES,
  parseManifests,
  profileArgs,
  renderChart,
  withoutHelm,
} from '../kubernetes/generate/chart.ts'
import { renderKustomize } from '../kubernetes/generate/kustomize.ts'
import { ensureTools, type Tools } from '../kubernetes/generate/tools.ts'
import { FOLDER } from './compose.ts'
import { manifestProblems } from './manifest-schema.ts'
import { KUSTOMIZE, podOf, workloadOf } from './manifests.ts'

const KUBERNETES = join(FOLDER, 'kubernetes')
const ALL = Object.keys(COMPONENTS) as (keyof typeof COMPONENTS)[]
/** Values of every Secret, as Helm gets them. */
const GIVEN = [
  '--set=secrets.migrate.DATABASE_URL=owner',
  '--set=secrets.api.DATABASE_URL=api',
  '--set=secrets.oidc.DATABASE_URL=oidc,secrets.oidc.SIGNING_KEYS_SECRET=first,secrets.oidc.COOKIE_KEYS=second',
]

let tools: Tools
let folder: string
before(async () => {
  tools = await ensureTools()
  folder = mkdtempSync(join(tmpdir(), 'daytona-auth-kubernetes-'))
  cpSync(KUBERNETES, join(folder, 'kubernetes'), { recursive: true })
})
after(() => rmSync(folder, { recursive: true }))

/** Builds a kustomization in the copy of the folder. */
const build = async (path: string): Promise<Manifest[]> =>
  parseManifests(await tools.kubectl('kustomize', join(folder, 'kubernetes', path)))

/** Writes a kustomization into the copy. @returns its path */
function kustomization(name: string, content: object): string {
  const path = `kustomize/${name}`
  cpSync(join(KUSTOMIZE, 'namespace'), join(folder, 'kubernetes', path), { recursive: true })
  rmSync(join(folder, 'kubernetes', path, 'namespace.yaml'))
  writeFileSync(join(folder, 'kubernetes', path, 'kustomization.yaml'), JSON.stringify(content))
  return path
}

/** Lists whose order has no meaning: patches append to them. */
const UNORDERED = ['env', 'items', 'egress']

/** In one order and without namespaces and hashes, which Helm adds at installation or not at all. */
function comparable(manifests: readonly Manifest[]): unknown[] {
  const text = JSON.stringify(withoutHelm(manifests).filter(({ kind }) => kind !== 'Namespace'))
  const parsed: Manifest[] = JSON.parse(text.replaceAll(/"(daytona-auth)-[a-z0-9]{10}"/g, '"$1"'), (key, value) =>
    UNORDERED.includes(key)
      ? value.toSorted((one: unknown, other: unknown) => textOf(one).localeCompare(textOf(other)))
      : value,
  )
  for (const { metadata } of parsed) Reflect.deleteProperty(metadata, 'namespace')
  return parsed.toSorted((one, other) => idOf(one).localeCompare(idOf(other)))
}
const textOf = (value: unknown) => inspect(value, { sorted: true, depth: null })
const idOf = ({ kind, metadata }: Manifest) => `${kind} ${metadata.name}`

describe('kustomize and Helm', () => {
  it('are generated from the same chart, and up to date', async () => {
    const rendered = await renderKustomize(tools)
    const committed = readdirSync(KUSTOMIZE, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(KUSTOMIZE, join(entry.parentPath, entry.name)))
      .filter((path) => !path.startsWith('namespace/'))
    assert.deepEqual(committed.toSorted(), Object.keys(rendered).toSorted())
    for (const [path, text] of Object.entries(rendered)) {
      assert.equal(
        readFileSync(join(KUSTOMIZE, path), 'utf8'),
        text,
        `${path}: run the script \`kubernetes\` of this part`,
      )
    }
  })

  it('agree on the base', async () => {
    assert.deepEqual(comparable(await build('kustomize/base')), comparable(await renderChart(tools)))
  })

  for (const profile of PROFILES) {
    it(`agree on ${profile}`, async () => {
      assert.deepEqual(
        comparable(await build(`kustomize/overlays/${profile}`)),
        comparable(await renderChart(tools, ...profileArgs(profile))),
      )
    })

    it(`agree on ${profile} with components`, async () => {
      // Each of them with one profile: the other has the same lists.
      for (const components of profile === 'production' ? [...ALL.map((name) => [name]), ALL] : [ALL]) {
        const path = kustomization(`${profile}-${components.join('-')}`, {
          resources: [`../overlays/${profile}`],
          components: components.map((name) => `../components/${name}`),
        })
        const args = [...profileArgs(profile), ...components.flatMap(componentArgs)]
        assert.deepEqual(
          comparable(await build(path)),
          comparable(await renderChart(tools, ...args)),
          components.join(),
        )
      }
    })
  }

  it('conform to the schemas of Kubernetes, by default, for evaluation and for production with everything', async () => {
    const everything = [...profileArgs('production'), ...ALL.flatMap(componentArgs)]
    for (const args of [[...GIVEN], profileArgs('evaluation'), everything]) {
      assert.deepEqual((await renderChart(tools, ...args)).flatMap(manifestProblems), [])
    }
    for (const path of ['base', ...PROFILES.map((name) => `overlays/${name}`)]) {
      assert.deepEqual((await build(`kustomize/${path}`)).flatMap(manifestProblems), [])
    }
  })
})

describe('the chart', () => {
  const refused: readonly (readonly [string, RegExp, ...string[]])[] = [
    ['a value that does not exist', /replica/, '--set=api.replica=3'],
    ['a secret among the variables', /DATABASE_URL/, '--set=config.DATABASE_URL=x'],
    ['a secret among the variables of a server', /SMTP_URL/, '--set=api.env.SMTP_URL=x'],
    ['a secret of the provider for the API', /COOKIE_KEYS/, '--set=secrets.api.COOKIE_KEYS=x'],
    ['a key of the provider for the API', /secretKeys/, '--set=api.secretKeys={SIGNING_KEYS_SECRET}'],
    ['a secret of the API for the provider', /AUDIT_ANCHOR_KEYS/, '--set=secrets.oidc.AUDIT_ANCHOR_KEYS=x'],
    ['a second secret for the migration', /COOKIE_KEYS/, '--set=secrets.migrate.COOKIE_KEYS=x'],
    ['an issuer with a path', /issuer/, '--set=issuer=https://auth.example.com/'],
    ['a tag as a digest', /digest/, '--set=images.api.digest=latest'],
    ['a missing secret of an enabled function', /secrets\.api\.REDIS_URL/, '--set=redis.enabled=true', ...GIVEN],
  ]
  for (const [title, message, ...args] of refused) {
    it(`refuses ${title}`, async () => {
      await assert.rejects(renderChart(tools, ...args), message)
    })
  }

  it('is accepted by `helm lint --strict`', async () => {
    for (const profile of PROFILES)
      await tools.helm('lint', '--strict', join(KUBERNETES, 'chart'), ...profileArgs(profile))
  })

  it('creates a Secret for each part with what it reads, and the one of the migration before the migration', async () => {
    const manifests = await renderChart(tools, ...GIVEN)
    for (const part of ['migrate', 'api', 'oidc']) {
      const [{ secret }] = podOf(manifests, part).volumes
      const created = manifests.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === secret.secretName)
      assert.deepEqual(
        Object.keys(Object(created?.['data'])),
        secret.items.map(({ key }) => key),
      )
      const hook = created?.metadata.annotations?.['helm.sh/hook']
      assert.equal(hook, part === 'migrate' ? 'pre-install,pre-upgrade' : undefined)
    }
    const { annotations } = workloadOf(manifests, 'migrate').metadata
    assert.equal(annotations?.['helm.sh/hook'], 'pre-install,pre-upgrade')
  })

  it('replaces the pods whose variables or secrets changed, and no others', async () => {
    const annotations = async (...args: string[]) => {
      const manifests = await renderChart(tools, ...GIVEN, ...args)
      return ['api', 'oidc'].map((part) =>
        JSON.stringify(workloadOf(manifests, part).spec.template.metadata.annotations),
      )
    }
    const [api, oidc] = await annotations()
    const [sameApi, newOidc] = await annotations('--set=secrets.oidc.COOKIE_KEYS=third')
    assert.equal(sameApi, api)
    assert.notEqual(newOidc, oidc)
    const changed = await annotations('--set=config.LOG_LEVEL=debug')
    assert.ok(changed[0] !== api && changed[1] !== oidc)
  })

  it('replaces pods by a revision where it does not create the Secret', async () => {
    const api = async (...args: string[]) => workloadOf(await renderChart(tools, ...args), 'api').spec.template.metadata
    const [before, same, changed] = [
      await api(),
      await api('--set=api.secretRevision='),
      await api('--set=api.secretRevision=2'),
    ]
    assert.deepEqual(same, before)
    assert.notDeepEqual(changed, before)
  })
})

describe('example/', () => {
  const files = (at: string) => {
    const [, names = ''] =
      /^secretGenerator:\n([\s\S]*?)\n\n/m.exec(readFileSync(join(at, 'kustomization.yaml'), 'utf8')) ?? []
    return new Set([...names.matchAll(/=secrets\/([a-z-]+)/g)].map(([, name = '']) => name))
  }
  const example = async (change: Record<string, string> = {}) => {
    const at = join(folder, 'kubernetes/example')
    cpSync(join(KUBERNETES, 'example'), at, { recursive: true })
    rmSync(join(at, 'secrets'), { recursive: true, force: true })
    cpSync(join(KUSTOMIZE, 'namespace'), join(at, 'secrets'), { recursive: true })
    for (const name of files(at)) writeFileSync(join(at, 'secrets', name), change[name] ?? `${name} before`)
    const path = join(at, 'kustomization.yaml')
    writeFileSync(path, readFileSync(path, 'utf8').replace('auth.example.com', 'id.example.org'))
    return build('example')
  }

  it('names files that docker/secrets creates', () => {
    const script = readFileSync(join(FOLDER, 'secrets'), 'utf8')
    const names = files(join(KUBERNETES, 'example'))
    assert.equal(names.size, 9)
    for (const name of names) assert.match(script, new RegExp(`\\b${name.replace(/^(?:api|oidc)-/, '')}\\b`), name)
  })

  it('conforms to the schemas, and has one Secret for each part with the keys that it reads', async () => {
    const manifests = await example()
    assert.deepEqual(manifests.flatMap(manifestProblems), [])
    const names = new Set<string>()
    for (const part of ['migrate', 'api', 'oidc']) {
      const [{ secret }] = podOf(manifests, part).volumes
      const created = manifests.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === secret.secretName)
      assert.match(secret.secretName, new RegExp(`^daytona-auth-${part}-[a-z0-9]{10}$`))
      assert.deepEqual(Object.keys(Object(created?.['data'])).toSorted(), secret.items.map(({ key }) => key).toSorted())
      names.add(secret.secretName)
    }
    assert.equal(manifests.filter(({ kind }) => kind === 'Secret').length, names.size)
  })

  it('takes the host of the ingress from the issuer, and runs one image for the API and the migration', async () => {
    const manifests = await example()
    const { rules, tls } = Object(manifests.find(({ kind }) => kind === 'Ingress')?.['spec'])
    assert.deepEqual([rules[0].host, tls[0].hosts], ['id.example.org', ['id.example.org']])
    const images = ['api', 'migrate', 'oidc'].map((part) => podOf(manifests, part).containers[0].image)
    const tag = JSON.parse(readFileSync(join(FOLDER, '../apps/api/package.json'), 'utf8')).version
    assert.deepEqual(
      images,
      ['api', 'api', 'oidc'].map((name) => `registry.example.com/daytona-auth-${name}:${tag}`),
    )
  })

  it('replaces the pods whose Secret changed, and no others', async () => {
    const pods = async (change?: Record<string, string>) => {
      const manifests = await example(change)
      return Object.fromEntries(['api', 'oidc'].map((part) => [part, JSON.stringify(podOf(manifests, part))]))
    }
    const [before, after] = [await pods(), await pods({ 'cookie-keys': 'rotated' })]
    assert.equal(after['api'], before['api'])
    assert.notEqual(after['oidc'], before['oidc'])
  })

  it('selects by the label of the migration exactly what it needs', async () => {
    const selected = (await example()).filter(
      ({ metadata }) => metadata.labels?.['app.kubernetes.io/component'] === 'migrate',
    )
    assert.deepEqual(selected.map(({ kind }) => kind).toSorted(), ['Job', 'NetworkPolicy', 'Secret'])
  })
})
