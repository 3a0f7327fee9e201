import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createProgram } from '../src/program.ts'
import { apiKey, createHome, createHomeWithKey, database } from './fixtures.ts'

const home = createHomeWithKey()

/** Invalid command lines, with the required part of the message. */
const WRONG: readonly (readonly [line: readonly string[], says: RegExp])[] = [
  [[], /Usage: daytona/],
  [['frobnicate'], /unknown command 'frobnicate'/],
  [['api-kye'], /Did you mean api-key\?/],
  [['whoami', '--frobnicate'], /unknown option '--frobnicate'/],
  [['whoami', 'me'], /too many arguments/],
  [['whoami', '--format', 'xml'], /Allowed choices are table, tsv, json, yaml/],
  [['whoami', '--api-url', 'http://example.com'], /must use https/],
  [['whoami', '--api-url', 'example.com'], /not a URL/],
  [['whoami', '--profile', '../x'], /not a profile name/],
  [['login', apiKey], /takes no arguments/],
  [['login', '--api-key', apiKey], /history of your shell/],
  [['login', '--device', '--api-key'], /cannot be used with/],
  [['login', '--timeout', '5'], /a number with a unit/],
  [['logout', 'now'], /too many arguments/],
  [['auth', 'status', 'x'], /too many arguments/],
  [['auth', 'token', 'x'], /too many arguments/],
  [['key', 'mint', '--permissions', 'read:sandboxes'], /missing required argument 'name'/],
  [['api', 'HEAD', '/users/me'], /Allowed choices are GET, POST/],
  [['api', 'GET', 'users/me'], /a path such as/],
  [['api', 'GET', '//example.com/'], /a path such as/],
  [['api', 'GET', 'https://example.com/'], /a path such as/],
  [['api', 'GET', '/users/me', '-F', 'a=1'], /has no body/],
  [['api', 'POST', '/api-keys', '-F', 'name'], /name=value/],
  [['api', 'POST', '/api-keys', '-F', 'a=1', '--input', '-'], /either --field or --input/],
  [['member', 'list', 'x'], /too many arguments/],
  [['member', 'update', 'x'], /Specify --role or --roles/],
  [['member', 'update', 'x', '--role', 'owner', '--roles', 'Viewer'], /--roles is for members/],
  [['member', 'remove', 'x'], /--yes/],
  [['invitation', 'list', 'x'], /too many arguments/],
  [['invitation', 'create', 'nowhere'], /not an e-mail address/],
  [['invitation', 'accept', 'x'], /id of an invitation/],
  [['invitation', 'decline'], /missing required argument/],
  [['invitation', 'cancel', '../x'], /id of an invitation/],
  [['invitation', 'resend'], /missing required argument/],
  [['role', 'list', 'x'], /too many arguments/],
  [['role', 'create', 'x'], /'--permissions <list>' not specified/],
  [['role', 'update', 'x'], /Specify --name/],
  [['role', 'delete', 'x'], /--yes/],
  [['session', 'list', 'x'], /too many arguments/],
  [['session', 'delete', 'x'], /--yes/],
  [['authorized-app', 'list', 'x'], /too many arguments/],
  [['authorized-app', 'delete', 'x'], /--yes/],
  [['organization', 'rename'], /missing required argument/],
  [['organization', 'require-second-factor', 'x'], /too many arguments/],
  [['organization', 'quotas', 'x'], /too many arguments/],
  [['organization', 'leave', 'Shared'], /--yes/],
  [['app', 'get', 'x'], /id of an app/],
  [['resource-server', 'get', 'x'], /id of a resource server/],
  [['resource-server', 'update', 'rs_x'], /Specify what to change/],
  [['resource-server', 'update', 'rs_x', '--enable', '--disable'], /either --enable or --disable/],
  [['resource-server', 'update', 'rs_x', '--scope', 'invoices:read'], /name of a scope/],
  [['resource-server', 'create', 'https://x.example'], /missing required argument 'name'/],
  [['resource-server', 'create', 'https://x.example', 'x', '--scope', '=x'], /name of a scope/],
  [['app-access', 'list', 'x'], /too many arguments/],
  [['app-access', 'requests', 'x'], /too many arguments/],
  [['app-access', 'approve'], /missing required argument 'client-id'/],
  [['app-access', 'block', 'x'], /--yes/],
  [['app-access', 'decline'], /missing required argument 'client-id'/],
  [['app-access', 'delete'], /missing required argument 'client-id'/],
  [['app-access', 'policy', 'none'], /Allowed choices are any, verified_domains, by_approval/],
  [['domain', 'add'], /missing required argument 'domain'/],
  [['domain', 'list', 'x'], /too many arguments/],
  [['domain', 'verify', 'a', 'b'], /too many arguments/],
  [['domain', 'delete', 'x'], /--yes/],
  [['identity-provider', 'get', 'x'], /too many arguments/],
  [['identity-provider', 'set', '--name', 'x'], /'--issuer <url>' not specified/],
  [['identity-provider', 'update'], /'--sign-in <rule>' not specified/],
  [['identity-provider', 'update', '--sign-in', 'never'], /Allowed choices are optional, required/],
  [['identity-provider', 'update', '--sign-in', 'required'], /--yes/],
  [['identity-provider', 'provisioning', 'x'], /too many arguments/],
  [['identity-provider', 'provision'], /Specify what to change/],
  [['identity-provider', 'provision', '--new-members', 'x'], /Allowed choices are invited, everyone/],
  [['identity-provider', 'provision', '--group-roles', 'x'], /Use group=role/],
  [
    ['identity-provider', 'provision', '--new-members', 'invited', '--new-member-roles', 'x'],
    /Invitations name the roles/,
  ],
  [['identity-provider', 'provision', '--clear-groups', '--groups-claim', 'x'], /removes the claim/],
  [['identity-provider', 'delete'], /--yes/],
  [['resource-server', 'list', 'x'], /too many arguments/],
  [['resource-server', 'delete', 'rs_x'], /--yes/],
  [['app', 'update', 'app_x'], /Specify what to change/],
  [['app', 'update', 'app_x', '--request-signing-alg', 'none'], /Allowed choices are ES256, ES384/],
  [['app', 'update', 'app_x', '--use-secret', '--require-signed-requests'], /either --use-secret or signed requests/],
  [['app', 'update', 'app_x', '--use-secret', '--request-signing-alg', 'ES256'], /either --use-secret or signed/],
  [['api-key'], /Usage: daytona api-key/],
  [['api-key', 'create', '--permissions', 'read:sandboxes'], /missing required argument 'name'/],
  [['api-key', 'create', 'x'], /'--permissions <list>' not specified/],
  [['api-key', 'list', '--all', '--status', 'active'], /cannot be used with/],
  [['api-key', 'list', '--status', 'ended'], /Allowed choices are active, expiring, /],
  [['api-key', 'list', '--permission', 'read:sandboxes,read:volumes'], /Name one permission/],
  [['api-key', 'list', '--user', 'ada'], /id or the e-mail address/],
  [['api-key', 'list', '--limit', '0'], /whole number from 1/],
  [['api-key', 'list', '--web', '--user', 'usr_x'], /no filter by owner/],
  [['api-key', 'update', 'x'], /Specify what to change/],
  [['api-key', 'update', 'x', '--no-expiry', '--expires-in', '1d'], /cannot be used with/],
  [['api-key', 'create', 'x', '--permissions', ''], /commas/],
  [['api-key', 'create', 'x', '--permissions', 'sandboxes'], /not one of read:sandboxes, /],
  [['api-key', 'create', 'x', '--permissions', 'read:sandboxes,'], /commas/],
  [['api-key', 'create', 'My', 'Key', '--permissions', 'read:sandboxes'], /too many arguments/],
  [['api-key', 'create', 'x', '--permissions', 'read:sandboxes', '--expires-at', 'tomorrow'], /2027-12-31T23:59:59Z/],
  [['api-key', 'create', 'x', '--permissions', 'read:sandboxes', '--expires-at', '2020-12-31'], /has passed/],
  [['api-key', 'create', 'x', '--permissions', 'read:sandboxes', '--expires-in', '30'], /a number with a unit/],
  [['api-key', 'create', 'x', '--permissions', 'read:sandboxes', '--expires-in', '0s'], /longer than zero/],
  [
    ['api-key', 'create', 'x', '--permissions', 'read:sandboxes', '--expires-in', '1d', '--expires-at', '2027-12-31'],
    /cannot be used with/,
  ],
  [['api-key', 'list', 'x'], /too many arguments/],
  [['api-key', 'create', 'x', '--permissions', 'read:sandboxes', '--jq', '.['], /The jq program failed/],
  [['api-key', 'list', '--json', 'name,'], /commas/],
  [['api-key', 'list', '--json', 'name', '-f', 'yaml'], /cannot be used with/],
  [['api-key', 'get'], /missing required argument/],
  [['api-key', 'current', 'x'], /too many arguments/],
  [['api-key', 'rotate'], /missing required argument/],
  [['api-key', 'rotate', 'first-run', '--grace', '-1h'], /a number with a unit/],
  [['api-key', 'rotate', 'first-run', '--grace', '8d'], /7d at most/],
  [['api-key', 'rotate', 'first-run', '--no-expiry', '--expires-in', '1d'], /cannot be used with/],
  [['api-key', 'end-previous-secrets'], /missing required argument/],
  [['api-key', 'end-previous-secrets', 'first-run'], /--yes/],
  [['api-key', 'delete'], /missing required argument/],
  [['api-key', 'delete', 'first-run'], /--yes/],
  [['api-key', 'usage', 'first-run', '--granularity', 'minute'], /Allowed choices are hour, day/],
  [['api-key', 'usage', '--granularity', 'day'], /need the name of a key/],
  [['api-key', 'usage', '--from', 'yesterday'], /2027-12-31T23:59:59Z/],
  [['api-key', 'check', 'a', 'b'], /too many arguments/],
  [['organization'], /Usage: daytona organization/],
  [['organization', 'list', 'x'], /too many arguments/],
  [['organization', 'use'], /not a terminal/],
  [['organization', 'create'], /missing required argument/],
  [['organization', 'delete'], /missing required argument/],
  [['organization', 'delete', 'Shared'], /--yes/],
  [['organization', 'members', 'x'], /too many arguments/],
  [['organization', 'invite', 'nowhere'], /not an e-mail address/],
  [['organization', 'invite', 'a@example.com', '--role', 'boss'], /Allowed choices are member, owner/],
  [['organization', 'invite', 'a@example.com', '--role', 'owner', '--roles', 'Viewer'], /--roles is for members/],
  [['organization', 'roles', 'x'], /too many arguments/],
  [['app', 'create', 'x'], /not specified/],
  [
    ['app', 'create', 'x', '--type', 'fax', '--redirect-uri', 'https://x.example'],
    /Allowed choices are web, spa, native/,
  ],
  [
    ['app', 'create', 'x', '--type', 'web', '--redirect-uri', 'https://x.example', '--scopes', 'all'],
    /not one of openid/,
  ],
  [['app', 'list', 'x'], /too many arguments/],
  [['app', 'secret', 'create', 'app_x'], /missing required argument 'name'/],
  [['app', 'secret', 'create', 'x', 'name'], /id of an app/],
  [['app', 'secret', 'list'], /missing required argument/],
  [['app', 'secret', 'delete', 'app_x'], /missing required argument/],
  [['app', 'rotate-secret', 'app_x'], /--yes/],
  [['app', 'users', 'x'], /id of an app/],
  [['app', 'denials', 'x'], /id of an app/],
  [['app', 'delete', 'app_x'], /--yes/],
  [['audit', 'list', '--limit', '0'], /from 1 to 10000/],
  [['audit', 'list', '--status', 'ok'], /from 100 to 599/],
  [['audit', 'export', '--to', '2027-02-30'], /2027-12-31T23:59:59Z/],
  [['audit', 'tail', 'x'], /too many arguments/],
  [['audit', 'verify', 'x'], /too many arguments/],
  [['config', 'list', 'x'], /too many arguments/],
  [['config', 'get', 'color'], /Allowed choices are profile, api-url, organization/],
  [['config', 'set', 'api-url', 'http://example.com'], /must use https/],
  [['config', 'set', 'organization', 'Shared'], /not an organization id/],
  [['config', 'set', 'profile', '../x'], /not a profile name/],
  [['config', 'unset', 'profile'], /Allowed choices are organization/],
  [['config', 'delete', '-x'], /unknown option/],
  [['config', 'path', 'x'], /too many arguments/],
  [['completion', 'tcsh'], /Allowed choices are/],
]

describe('an invalid command line', () => {
  /** Everything that a command could have changed at the server. It stores the last use and denial of a secret some time after. */
  const stateOfServer = () => database.$client`
    SELECT (SELECT json_agg(k ORDER BY id) FROM api_keys k) AS keys,
      (SELECT jsonb_agg(to_jsonb(s) - '{last_used_at,last_used_ip,last_used_route,last_denied_at,last_denied_ip,last_denial_reason}'::text[] ORDER BY digest) FROM api_key_secrets s) AS secrets,
      (SELECT count(*) FROM organizations) AS organizations, (SELECT count(*) FROM organization_invitations) AS invitations,
      (SELECT count(*) FROM oidc_clients) AS apps`

  let stateBefore: unknown
  before(async () => {
    stateBefore = [...(await stateOfServer())]
  })
  after(async () => {
    assert.deepEqual([...(await stateOfServer())], stateBefore, 'something changed at the server')
  })

  for (const [line, says] of WRONG) {
    it(`daytona ${line.join(' ').replace(apiKey, 'dta_…')}`, async () => {
      const { code, stdout, stderr } = await home.daytona(line)
      assert.deepEqual([code, stdout], [2, ''], stderr)
      assert.match(stderr, says)
      assert.ok(!stderr.includes(apiKey), 'a key in the message')
    })
  }

  it('is tested for every command', () => {
    const { stdin, stdout, stderr } = process
    const tried = new Set(WRONG.map(([line]) => line.slice(0, 2).join(' ')))
    for (const group of createProgram({ stdin, stdout, stderr, env: {}, now: Date.now }).commands) {
      if (group.name() === 'complete') continue // accepts any words from the shell
      const names = group.commands.map((command) => `${group.name()} ${command.name()}`)
      for (const name of names) assert.ok(tried.has(name), name)
      if (names.length === 0)
        assert.ok(
          [...tried].some((line) => line.startsWith(group.name())),
          group.name(),
        )
    }
  })

  it('differs from a valid one without a server', async () => {
    assert.equal((await createHome().daytona(['whoami'])).code, 1)
  })
})
