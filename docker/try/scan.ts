import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import type { Buildah, RunOptions } from './buildah.ts'

/** Runs a command in a container as the user of the image. @returns its output @throws AssertionError with it if it fails */
export async function output(
  buildah: Buildah,
  container: string,
  command: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const child = buildah.start(container, command, options)
  const exited = new Promise((resolve) => child.once('close', resolve))
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exited])
  assert.equal(code, 0, `${command.join(' ')}: ${out}${err}`)
  return out.trim()
}

const INSTALLERS = ['apt', 'apt-get', 'dpkg', 'npm', 'npx', 'pnpm', 'yarn', 'corepack', 'pip']

/** Checks from inside an image, as its user, that it contains nothing forbidden. */
export async function examineImage(
  buildah: Buildah,
  container: string,
  volumes: readonly string[] = [],
): Promise<void> {
  const shell = (script: string) => output(buildah, container, ['sh', '-c', script])
  assert.equal(await shell('id -u'), '10001')
  assert.equal(await shell('grep -E "^Cap(Prm|Eff)" /proc/self/status | tr -d "[:space:]0"'), 'CapPrm:CapEff:')
  assert.equal(
    await shell(`for name in ${INSTALLERS.join(' ')}; do command -v $name; done; true`),
    '',
    'an installer is in the image',
  )
  const find = String.raw`find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /root \) -prune -o`
  assert.equal(await shell(`${find} -name "*.ts" -print`), '', 'source is in the image')
  assert.equal(await shell(`${find} -type f -perm /6000 -print`), '', 'a program changes its user')
  const writable = await shell(`${find} ! -type l -writable -print`)
  assert.deepEqual(writable.split('\n').sort(), [...volumes, '/tmp'], 'more than /tmp and the volume is writable')
  await examineBillsOfMaterials(shell)
  assert.match(await shell('daytona-auth --version'), /^\d+\.\d+\.\d+$/)
}

/** Checks that each bundle lists its packages, with versions, including those whose files lie beside the bundle. */
async function examineBillsOfMaterials(shell: (script: string) => Promise<string>): Promise<void> {
  const files = (await shell('ls /app/*/sbom.cdx.json')).split('\n')
  assert.equal(files.length, 2, 'a bundle does not list its packages')
  for (const file of files) {
    const { bomFormat, components } = JSON.parse(await shell(`cat ${file}`)) as BillOfMaterials
    assert.equal(bomFormat, 'CycloneDX')
    for (const { name, version, purl } of components) {
      assert.ok(version && purl?.startsWith('pkg:npm/'), `${name} has no version or package URL`)
    }
    const names = new Set(components.map(({ group, name }) => (group ? `${group}/${name}` : name)))
    const beside = await shell(
      `cd ${file.replace('sbom.cdx.json', 'node_modules')} 2>/dev/null && ls -d @*/* [!@]* || true`,
    )
    const carried = beside.split('\n').filter((name) => /^[@a-z]/.test(name))
    for (const name of ['postgres', ...carried]) assert.ok(names.has(name), `${file} does not list ${name}`)
  }
}

interface BillOfMaterials {
  readonly bomFormat: string
  readonly components: readonly {
    readonly name: string
    readonly group?: string
    readonly version?: string
    readonly purl?: string
  }[]
}
