import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { type TestDatabase, testDatabase } from '@daytona-auth/testing'
import { programFor } from '../src/program.ts'

const docker = join(import.meta.dirname, '../../../docker')
const folder = join(docker, 'runbooks')
const guides = join(docker, '../apps/api/src/features/docs/guides')
const runbooks = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
const manifests = join(docker, 'kubernetes/kustomize')
const kubernetes = readdirSync(manifests, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => readFileSync(join(manifests, file), 'utf8'))
  .join('\n')
const program = programFor({ stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env: {} })

/** Returns the contents of a document's code blocks in a language. */
const blocksOf = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^ *\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\``, 'gm'))].map(([, code = '']) => code)

/** Returns the commands of the operator that a document names, in its blocks and in its sentences. */
function commandsOf(text: string): string[] {
  const lines = blocksOf(text, 'sh').flatMap((block) => block.split('\n').map((line) => line.trim()))
  const sentences = text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`([^`]+)`/g)
  const named = [...lines, ...[...sentences].map(([, code = '']) => code)]
  // Without an ellipsis, which is the name of our sessions in PostgreSQL.
  return named.filter((line) => line.startsWith('daytona-auth ') && !line.includes('…'))
}

/** Asserts that a command line names a command and options that exist. */
function checkCommand(line: string): void {
  const words = (line.split(/ [>|] /)[0] ?? '').match(/"[^"]*"|\S+/g)?.slice(1) ?? []
  let command = program
  for (const word of words) {
    const next = command.commands.find((each) => each.name() === word) as typeof program | undefined
    if (!next) break
    command = next
  }
  assert.ok(command !== program && command.commands.length === 0, `no such command: ${line}`)
  const known = [...command.options, ...program.options].flatMap(({ long, short }) => [long, short])
  for (const word of words) {
    if (word.startsWith('-')) assert.ok(known.includes(word), `no such option: ${word} of ${line}`)
  }
}

/** Runs a statement of a runbook without an effect. */
async function runStatement({ database }: TestDatabase, statement: string): Promise<void> {
  const sql = statement.replaceAll('<pid>', '0').replaceAll("'daytona_auth_api'", "'runbook_server'")
  await database.$client
    .begin(async (transaction) => {
      await transaction.unsafe('CREATE ROLE runbook_server')
      await transaction.unsafe(sql.replaceAll('daytona_auth_api', 'runbook_server'))
      throw new Error('only tried')
    })
    .catch((error: Error) => assert.equal(error.message, 'only tried', statement))
}

describe('the runbooks', () => {
  const database = testDatabase({ after })
  for (const [name, text] of runbooks) {
    it(`${name} fits on a page and says what works and how to act`, () => {
      assert.ok(text.split('\n').length <= 70, 'longer than a page')
      assert.match(text, /^# .+\n\n\*\*(?:Alerts?|Signs)\*\*/)
      assert.match(text, /^## Act/m)
    })

    it(`${name} names only commands and options that exist`, () => {
      for (const line of commandsOf(text)) checkCommand(line)
    })

    it(`${name} contains only statements that PostgreSQL accepts`, async () => {
      for (const block of blocksOf(text, 'sql')) await runStatement(await database, block)
    })

    it(`${name} names only deployments, keys of Secrets and variables that exist`, () => {
      for (const [, deployment = ''] of text.matchAll(/deployment\/([\w-]+)/g)) {
        assert.ok(kubernetes.includes(`kind: Deployment\nmetadata:\n  name: ${deployment}\n`), deployment)
      }
      for (const [, key = ''] of text.matchAll(/\{\.data\.([^}]+)\}/g)) {
        assert.ok(kubernetes.includes(`- key: ${key}\n`), key)
      }
      const variables = readFileSync(join(docker, 'README.md'), 'utf8')
      for (const [, variable = ''] of text.matchAll(/`([A-Z]+(?:_[A-Z]+)+)\b/g)) {
        assert.ok(variables.includes(`| \`${variable}\` |`), variable)
      }
    })
  }

  it('name only commands and options that exist, as the guides of /docs do', () => {
    const lines = readdirSync(guides).flatMap((name) => commandsOf(readFileSync(join(guides, name), 'utf8')))
    assert.ok(lines.length > 0)
    for (const line of lines) checkCommand(line)
  })

  it('are checked for commands, of which there are many', () => {
    const count = [...runbooks.values()].flatMap(commandsOf).length
    assert.ok(count > 20, `${count} commands`)
    assert.throws(() => checkCommand('daytona-auth user banish ada@example.com'), /no such command/)
    assert.throws(() => checkCommand('daytona-auth signing-keys rotate --now'), /no such option: --now/)
  })
})
