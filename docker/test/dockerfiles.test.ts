import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { DockerfileParser, type Instruction } from 'dockerfile-ast'
import { parse } from 'yaml'
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
      assert.deepEqual(of('ARG').slice(0, 1), [`NODE_IMAGE=docker.io/library/node:${catalog.node}-bookworm-slim`])
      const stages = of('FROM')
      assert.ok(
        stages.every((from) => /^(?:\$\{NODE_IMAGE\}|dependencies|scratch)(?: |$)/.test(from)),
        stages.join(),
      )
      assert.equal(stages.at(-1), 'scratch')
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
      const dependencies = (file = '') => file.slice(file.indexOf('FROM'), file.indexOf('# The bundles.'))
      assert.equal(dependencies(text), dependencies(texts.get('api')))
      assert.doesNotMatch(dependencies(text), /COPY \. |\/src\//)
    })

    it('contains only what was built: no source, no installer and no earlier layer', () => {
      assert.deepEqual(last.filter((each) => each.getKeyword() === 'COPY').map(String), ['COPY --from=runtime / /'])
      const runtime = text.slice(text.indexOf(' AS runtime'), text.indexOf('FROM scratch'))
      const copied = [...runtime.matchAll(/^COPY (.*) \S+$/gm)].map(([, from]) => from)
      assert.deepEqual(copied, [
        'docker/healthcheck.mjs',
        '--from=build /src/apps/ops/dist',
        `--from=build /src/apps/${name}/dist`,
      ])
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

    it('has no secret in its variables and arguments', () => {
      for (const each of [...of('ENV'), ...of('ARG')]) assert.doesNotMatch(each, SECRET)
      assert.doesNotMatch(text, /COPY .*npmrc|ADD /)
    })
  })
}
