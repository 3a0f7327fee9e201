import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { AUDIT_ACTIONS } from '@daytona-auth/db/audit'
import { PERMISSIONS } from '@daytona-auth/protocol/scopes'
import { ERROR_CODES } from '@daytona-auth/service'
import { errorBody, ISSUER, world } from '../../../test/world.ts'
import { TAG_DESCRIPTIONS } from '../../http/openapi-descriptions.ts'
import { CATALOGUES, GUIDES, referencePage } from './site.ts'

const { request } = await world({ after }, { SANDBOX_CREATIONS_PER_MINUTE: '1234', INVITATIONS_PER_HOUR: '56' })

const paths = [
  ...Object.values(GUIDES),
  ...Object.values(CATALOGUES),
  ...Object.keys(TAG_DESCRIPTIONS).map(referencePage),
].map(({ path }) => path)
const read = async (path: string) => (await request('GET', path)).text

describe('/docs', () => {
  it('serves only the files that its pages load', async () => {
    for (const path of ['/docs/assets/', '/docs/assets/package.json', '/docs/assets/..%2froutes.ts', '/docs/x']) {
      const answer = await request('GET', path)
      assert.equal(answer.status, 404, path)
      assert.partialDeepStrictEqual(answer.body, { statusCode: 404, message: 'Not Found' })
    }
    const posted = await request('POST', '/docs', null, { body: {} })
    assert.deepEqual(posted.body, errorBody(405, 'Method Not Allowed', 'Method is not allowed here'))
  })

  it('serves pages with a policy that forbids other origins, under `/api` too', async () => {
    const policy =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    assert.ok(paths.length > 20)
    for (const path of [...paths, '/api/docs']) {
      const { status, headers, text } = await request('GET', path)
      assert.deepEqual(
        [status, headers.get('content-type'), headers.get('content-security-policy')],
        [200, 'text/html; charset=utf-8', policy],
        path,
      )
      assert.doesNotMatch(text, /(?:src|href)="(?:https?:)?\/\//, path)
      assert.doesNotMatch(text, /<script>|<style|\sstyle="|\son\w+="/, path)
      const prose = text.replaceAll(/<pre[\s\S]*?<\/pre>/g, '')
      assert.doesNotMatch(prose, /`|undefined|\[object |<%/, `${path}: a template without its content`)
    }
  })

  it('compresses pages as the client accepts', async () => {
    for (const [accepted, coding] of [
      ['gzip, br', 'br'],
      ['gzip', 'gzip'],
      ['identity', null],
    ] as const) {
      const answer = await request('GET', '/docs', null, { headers: { 'accept-encoding': accepted } })
      assert.deepEqual(
        [answer.headers.get('content-encoding'), answer.headers.get('vary')],
        [coding, 'accept-encoding'],
      )
      assert.match(answer.text, /<h1 id="getting-started">/)
    }
  })

  it('has no link that leads nowhere', async () => {
    const pages = new Map(await Promise.all(paths.map(async (path) => [path, await read(path)] as const)))
    for (const [path, text] of pages) {
      for (const [, href = ''] of text.matchAll(/<a [^>]*?href="([^"]*)"/g)) {
        const { pathname, hash } = new URL(href, new URL(path, ISSUER))
        // The dashboard is not part of this server.
        if (pathname === '/dashboard') continue
        const target = pages.get(pathname)
        if (target === undefined) assert.equal((await request('GET', pathname)).status, 200, `${path}: ${href}`)
        else assert.ok(hash === '' || target.includes(`id="${hash.slice(1)}"`), `${path}: ${href}`)
      }
      const marked = [...text.matchAll(/href="([^"]*)" aria-current="page"/g)].map(([, href]) => href)
      assert.deepEqual(marked, [path])
    }
  })

  it('shows the limits in force', async () => {
    const limits = await read('/docs/rate-limits')
    assert.match(limits, /1,234 a minute[\s\S]*56 an hour/)
    assert.match(
      limits,
      /Organizations<\/td><td>100<[\s\S]*API key<\/td><td>50<[\s\S]*keys<\/td><td>1,000<[\s\S]*>3<[\s\S]*>200</,
    )
  })

  it('lists every audit action with the type of its target', async () => {
    const text = await read('/docs/audit-events')
    for (const [action, { targetType }] of Object.entries(AUDIT_ACTIONS)) {
      const row = text.split('\n').find((line) => line.startsWith(`<tr><td><code>${action}</code></td>`))
      assert.ok(row?.includes(`<td><code>${targetType}</code></td>`), action)
    }
  })

  it('lists every error code with its status', async () => {
    const text = await read('/docs/errors')
    for (const [status, codes] of Object.entries(ERROR_CODES)) {
      for (const code of Object.keys(codes)) {
        assert.ok(text.includes(`<tr><td>${status}</td><td><code>${code}</code></td><td>`), code)
      }
    }
    assert.ok(text.includes('<code>Allow</code> lists the methods'))
  })

  it('lists every permission with its meaning', async () => {
    const text = await read('/docs/permissions')
    for (const [name, meaning] of Object.entries(PERMISSIONS)) {
      assert.ok(text.includes(`<tr><td><code>${name}</code></td><td>${meaning}</td></tr>`), name)
    }
  })
})

describe('the reference', () => {
  it('shows every operation once, with who may call it, its members and its examples', async () => {
    const { body } = await request('GET', '/openapi.json')
    const { paths: operations } = body as {
      paths: Record<
        string,
        Record<string, { operationId: string; tags: [string]; description: string; parameters?: { name: string }[] }>
      >
    }
    let shown = 0
    for (const [path, methods] of Object.entries(operations)) {
      for (const [method, { operationId, tags, description, parameters = [] }] of Object.entries(methods)) {
        const text = await read(referencePage(tags[0]).path)
        const sections = text.split('<section ').filter((one) => one.includes(`id="${operationId.toLowerCase()}"`))
        assert.equal(sections.length, 1, operationId)
        const [section = ''] = sections
        assert.ok(section.includes(`<span class="method">${method.toUpperCase()}</span> <code>${path}</code>`), path)
        const access = description
          .split('\n\n')
          .at(-1)
          ?.replaceAll(/`([^`]*)`/g, '<code>$1</code>')
        assert.ok(section.includes(`<p class="access">${access}`), `${operationId}: ${access}`)
        for (const { name } of parameters) assert.ok(section.includes(`<code class="name">${name}</code>`), name)
        shown += 1
      }
    }
    assert.ok(shown > 70)
    const keys = await read('/docs/reference/api-keys')
    // A member of a body, of a response, and of a list in a response; a placeholder of the credential.
    for (const name of ['gracePeriodSeconds', 'lastOutcome', 'previousSecrets']) {
      assert.ok(keys.includes(`<code class="name">${name}</code>`), name)
    }
    assert.ok(keys.includes(`curl ${ISSUER}/api-keys/current`))
  })
})
