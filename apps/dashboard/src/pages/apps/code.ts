import type { OauthApp } from '@daytona-auth/sdk'

export interface Example {
  readonly title: string
  readonly text: string
}

type App = Pick<
  OauthApp,
  | 'clientId'
  | 'type'
  | 'redirectUris'
  | 'scopes'
  | 'deviceGrant'
  | 'tokenEndpointAuthMethod'
  | 'requirePushedAuthorizationRequests'
  | 'dpopBoundAccessTokens'
  | 'requireSignedRequestObject'
>

/** The variables that the programs read. A secret takes its place in the copy only. */
export const environmentOf = (origin: string, clientId: string, secret?: string): string =>
  [
    `OIDC_ISSUER=${origin}`,
    `OIDC_CLIENT_ID=${clientId}`,
    ...(secret === undefined ? [] : [`OIDC_CLIENT_SECRET=${secret}`]),
  ].join('\n')

/** Programs that sign a person in with the app, ready to run. */
export function examplesOf(app: App, origin: string): Example[] {
  const { type, deviceGrant } = app
  return [
    type === 'spa' ? browserExample(app, origin) : nodeExample(app, origin),
    ...(deviceGrant ? [deviceExample(app, origin)] : []),
  ]
}

const scopeOf = ({ scopes }: App): string => scopes.join(' ')
const redirectOf = ({ redirectUris }: App): string => redirectUris[0] ?? ''

/** Quotes a text for JavaScript. */
const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

function nodeExample(app: App, origin: string): Example {
  const { tokenEndpointAuthMethod: method } = app
  const isSecret = method === 'client_secret_basic'
  const isKey = method === 'private_key_jwt'
  const isPushed = app.requirePushedAuthorizationRequests
  const isBound = app.dpopBoundAccessTokens
  const isSigned = isKey && app.requireSignedRequestObject
  const build = isSigned
    ? 'await client.buildAuthorizationUrlWithJAR'
    : isPushed
      ? 'await client.buildAuthorizationUrlWithPAR'
      : 'client.buildAuthorizationUrl'
  // A signed request is pushed as a whole.
  const [name, next] =
    isSigned && isPushed
      ? ['signed', '\n  const address = await client.buildAuthorizationUrlWithPAR(config, signed.searchParams)']
      : ['address', '']
  const settings = [
    `new URL(${quote(origin)})`,
    quote(app.clientId),
    ...(isSecret
      ? ['process.env.OIDC_CLIENT_SECRET']
      : ['undefined', isKey ? 'client.PrivateKeyJwt(privateKey)' : 'client.None()']),
    // Plain http is for this machine only.
    ...(origin.startsWith('http:')
      ? [...(isSecret ? ['undefined'] : []), '{ execute: [client.allowInsecureRequests] }']
      : []),
  ]
  return {
    title: 'Node.js',
    text: `// npm install openid-client
import * as client from 'openid-client'
${isKey ? KEY_LINES : ''}
const config = await client.discovery(
  ${settings.join(',\n  ')},
)
${isBound ? 'const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair())\n' : ''}
/** Send the browser to \`address\`, and keep \`checks\` until it returns. */
export async function startSignIn(redirectUri = ${quote(redirectOf(app))}) {
  const checks = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(),
    expectedState: client.randomState(),
  }
  const ${name} = ${build}(config, {
    redirect_uri: redirectUri,
    scope: ${quote(scopeOf(app))},
    state: checks.expectedState,
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
  }${isSigned ? ', privateKey' : ''})${next}
  return { address, checks }
}

/** \`callback\` is the address that the browser returned to, with its query. */
export function finishSignIn(callback, checks) {
  return client.authorizationCodeGrant(config, new URL(callback), checks${isBound ? ', undefined, { DPoP }' : ''})
}
`,
  }
}

/** Reads a private key of the kind ES256. */
const KEY_LINES = `
const privateKey = await crypto.subtle.importKey(
  'jwk',
  JSON.parse(process.env.OIDC_PRIVATE_KEY),
  { name: 'ECDSA', namedCurve: 'P-256' },
  false,
  ['sign'],
)
`

const browserExample = (app: App, origin: string): Example => ({
  title: 'Browser',
  text: `// npm install oidc-client-ts
import { UserManager } from 'oidc-client-ts'

const manager = new UserManager({
  authority: ${quote(origin)},
  client_id: ${quote(app.clientId)},
  redirect_uri: ${quote(redirectOf(app))},
  scope: ${quote(scopeOf(app))},
})

/** Leaves the page for the sign-in. */
export const startSignIn = () => manager.signinRedirect()

/** On the page of the redirect URI. */
export const finishSignIn = () => manager.signinRedirectCallback()
`,
})

const deviceExample = (app: App, origin: string): Example => ({
  title: 'Device flow',
  text: `# 1. Show verification_uri_complete to the person, as a link or QR code.
curl -s ${origin}/oauth/device_authorization \\
  -d client_id=${app.clientId} -d 'scope=${scopeOf(app)}'

# 2. Ask every 5 seconds, with the device_code of the response, until there is an access_token.
curl -s ${origin}/oauth/token -d client_id=${app.clientId} \\
  -d grant_type=urn:ietf:params:oauth:grant-type:device_code -d device_code=…
`,
})
