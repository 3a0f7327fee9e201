import type { Command } from '@commander-js/extra-typings'

/** Examples of each command, which its help prints first. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  login: [
    'daytona login --api-url https://auth.example.com',
    'daytona login --device',
    'daytona login --api-key --profile ci',
  ],
  logout: ['daytona logout', 'daytona logout --profile staging'],
  whoami: ['daytona whoami', 'daytona whoami --jq .organization.name'],

  'auth status': ['daytona auth status', 'daytona auth status --json source,scopes,expiresAt'],
  'auth token': ['daytona auth token'],

  'api-key create': [
    'daytona api-key create ci --permissions write:sandboxes,read:snapshots --expires-in 30d',
    'daytona api-key create deploy --permissions write:sandboxes --expires-at 2099-12-31 --quiet',
  ],
  'api-key list': [
    'daytona api-key list',
    'daytona api-key list --all --json name,status,lastUsedAt',
    'daytona api-key list --status unused --sort lastUsedAt',
    'daytona api-key list --search deploy --limit 20',
    "daytona api-key list --jq '.[] | select(.expiresAt == null) | .name'",
    'daytona api-key list --web',
  ],
  'api-key get': ['daytona api-key get ci', 'daytona api-key get ci --jq .expiresAt', 'daytona api-key get ci --web'],
  'api-key current': ['daytona api-key current'],
  'api-key update': [
    'daytona api-key update ci --permissions read:sandboxes',
    'daytona api-key update ci --name build --description "Builds of the main branch"',
    'daytona api-key update ci --expires-in 90d',
  ],
  'api-key rotate': ['daytona api-key rotate ci --grace 24h', 'daytona api-key rotate ci --yes --expires-in 90d'],
  'api-key end-previous-secrets': ['daytona api-key end-previous-secrets ci'],
  'api-key delete': [
    'daytona api-key delete ci',
    'daytona api-key delete ci staging',
    'daytona api-key delete ci --user ada@example.com --yes',
  ],
  'api-key usage': [
    'daytona api-key usage',
    'daytona api-key usage ci --granularity day --from 2027-01-01',
    'daytona api-key usage --json items',
  ],
  'api-key check': ['daytona api-key check'],

  'organization list': ['daytona organization list', 'daytona organization list --jq .[].id'],
  'organization use': ['daytona organization use', 'daytona organization use "Acme Inc"'],
  'organization create': ['daytona organization create "Acme Inc"'],
  'organization rename': ['daytona organization rename "Acme Ltd"'],
  'organization require-second-factor': [
    'daytona organization require-second-factor',
    'daytona organization require-second-factor --off',
  ],
  'organization leave': ['daytona organization leave "Acme Inc"'],
  'organization delete': ['daytona organization delete "Acme Inc"'],
  'organization members': ['daytona organization members'],
  'organization quotas': ['daytona organization quotas'],
  'organization invite': ['daytona organization invite ada@example.com --roles Developer,Viewer'],
  'organization roles': ['daytona organization roles'],

  'member list': ['daytona member list', 'daytona member list --json email,role'],
  'member update': [
    'daytona member update ada@example.com --roles Developer,Viewer',
    'daytona member update ada@example.com --role owner',
  ],
  'member remove': ['daytona member remove ada@example.com --dry-run', 'daytona member remove ada@example.com'],

  'invitation list': ['daytona invitation list', 'daytona invitation list --received'],
  'invitation create': [
    'daytona invitation create ada@example.com --roles Developer',
    'daytona invitation create ada@example.com --role owner',
  ],
  'invitation accept': ['daytona invitation accept inv_01ABC'],
  'invitation decline': ['daytona invitation decline inv_01ABC'],
  'invitation cancel': ['daytona invitation cancel inv_01ABC'],
  'invitation resend': ['daytona invitation resend inv_01ABC'],

  'role list': ['daytona role list', 'daytona role list --json name,permissions'],
  'role create': ['daytona role create Deployer --permissions read:sandboxes,write:sandboxes'],
  'role update': ['daytona role update Deployer --permissions write:sandboxes,read:snapshots'],
  'role delete': ['daytona role delete Deployer'],

  'resource-server create': [
    'daytona resource-server create https://invoices.example.com Invoices --scope "invoices:read=See your invoices"',
  ],
  'resource-server list': ['daytona resource-server list', 'daytona resource-server list --json name,identifier'],
  'resource-server get': ['daytona resource-server get rs_01ABC', 'daytona resource-server get rs_01ABC --web'],
  'resource-server update': [
    'daytona resource-server update rs_01ABC --disable',
    'daytona resource-server update rs_01ABC --scope "invoices:read=See your invoices"',
  ],
  'resource-server delete': ['daytona resource-server delete rs_01ABC'],

  'app-access list': ['daytona app-access list', 'daytona app-access list --json clientId,decision'],
  'app-access requests': ['daytona app-access requests'],
  'app-access approve': ['daytona app-access approve app_0cqgg2nh4a7rbd1i6j9k0t3v5u'],
  'app-access block': ['daytona app-access block app_0cqgg2nh4a7rbd1i6j9k0t3v5u'],
  'app-access decline': ['daytona app-access decline app_0cqgg2nh4a7rbd1i6j9k0t3v5u'],
  'app-access delete': ['daytona app-access delete app_0cqgg2nh4a7rbd1i6j9k0t3v5u'],
  'app-access policy': ['daytona app-access policy by_approval'],
  'domain add': ['daytona domain add example.com'],
  'domain list': ['daytona domain list', 'daytona domain list --json domain,status'],
  'domain verify': ['daytona domain verify example.com'],
  'domain delete': ['daytona domain delete example.com'],

  'identity-provider get': ['daytona identity-provider get'],
  'identity-provider set': [
    'daytona identity-provider set --name "Acme Corp" --issuer https://login.acme.example --client-id daytona',
  ],
  'identity-provider update': ['daytona identity-provider update --sign-in required'],
  'identity-provider provisioning': ['daytona identity-provider provisioning'],
  'identity-provider provision': [
    'daytona identity-provider provision --new-members everyone --new-member-roles Viewer',
    'daytona identity-provider provision --groups-claim groups --group-roles Engineering=Developer,Viewer',
  ],
  'identity-provider delete': ['daytona identity-provider delete'],

  'app create': [
    'daytona app create "My App" --type web --redirect-uri https://app.example.com/callback',
    'daytona app create Terminal --type native --redirect-uri http://127.0.0.1/callback --scopes openid,read:sandboxes',
  ],
  'app list': ['daytona app list', 'daytona app list --json name,clientId'],
  'app get': ['daytona app get app_01ABC', 'daytona app get app_01ABC --web'],
  'app update': [
    'daytona app update app_01ABC --name "New name"',
    'daytona app update app_01ABC --redirect-uri https://a.example.com/cb,https://b.example.com/cb',
    'daytona app update app_01ABC --require-par --jwks-uri https://app.example.com/jwks.json',
    'daytona app update app_01ABC --require-signed-requests --request-signing-alg ES256',
  ],
  'app users': ['daytona app users app_01ABC', 'daytona app users app_01ABC --json userId,email'],
  'app denials': ['daytona app denials app_01ABC'],
  'app rotate-secret': ['daytona app rotate-secret app_01ABC'],
  'app secret create': [
    'daytona app secret create app_01ABC "Frankfurt"',
    'daytona app secret create app_01ABC "Frankfurt" --expires-in 90d',
  ],
  'app secret list': ['daytona app secret list app_01ABC'],
  'app secret delete': ['daytona app secret delete app_01ABC sec_01DEF'],
  'app delete': ['daytona app delete app_01ABC'],

  'audit list': [
    'daytona audit list',
    'daytona audit list --actor ada@example.com --action api_key.create',
    'daytona audit list --from 2027-01-01 --status 403 --limit 200',
    'daytona audit list --web',
  ],
  'audit tail': ['daytona audit tail'],
  'audit export': ['daytona audit export --from 2027-01-01 --output january.ndjson'],
  'audit verify': ['daytona audit verify'],

  'session list': ['daytona session list'],
  'session delete': ['daytona session delete ses_01ABC'],
  'authorized-app list': ['daytona authorized-app list'],
  'authorized-app delete': ['daytona authorized-app delete daytona-cli'],

  api: [
    'daytona api GET /users/me --jq .email',
    'daytona api GET /organizations/{organizationId}/users',
    'daytona api POST /api-keys -F name=ci -F \'permissions=["read:sandboxes"]\'',
  ],

  'config list': ['daytona config list'],
  'config get': ['daytona config get api-url'],
  'config set': ['daytona config set profile staging'],
  'config unset': ['daytona config unset organization'],
  'config delete': ['daytona config delete staging'],
  'config path': ['daytona config path'],

  completion: ['daytona completion bash', 'daytona completion zsh'],
}

/** Number of examples in the help of a group. */
const GROUP_EXAMPLES = 3

/** Examples of the program itself. */
const FIRST_EXAMPLES = [
  'daytona login --api-url https://auth.example.com',
  'daytona api-key create ci --permissions read:sandboxes --expires-in 30d',
  "daytona api-key list --jq '.[].name'",
]

/** Adds the examples to the help of the program and of every command. */
export function addExamples(program: Command): void {
  addText(program, FIRST_EXAMPLES)
  addExamplesOfCommands(program)
}

/** A group shows the first examples of its commands. */
function addExamplesOfCommands(program: Command): void {
  for (const command of program.commands as readonly Command[]) {
    const own = command.commands.length === 0 ? examplesOf(command) : firstExamples(command)
    if (own.length > 0) addText(command, own)
    addExamplesOfCommands(command)
  }
}

const addText = (command: Command, examples: readonly string[]): unknown =>
  command.addHelpText('before', `Examples:\n${examples.map((line) => `  ${line}\n`).join('')}`)

/** Returns the examples of a command that has no subcommands. */
export const examplesOf = (command: Command): readonly string[] => EXAMPLES[pathOf(command)] ?? []

/** The words of a command without the name of the program: `app secret create`. */
const pathOf = (command: Command): string =>
  command.parent?.parent ? `${pathOf(command.parent as Command)} ${command.name()}` : command.name()

const firstExamples = (group: Command): readonly string[] =>
  (group.commands as readonly Command[]).flatMap((child) => examplesOf(child).slice(0, 1)).slice(0, GROUP_EXAMPLES)
