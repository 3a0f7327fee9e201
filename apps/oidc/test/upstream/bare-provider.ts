import { once } from 'node:events'
import { createServer } from 'node:http'
import { freePort, type Scope } from '@daytona-auth/testing'
import Provider, { type Configuration } from 'oidc-provider'

/** A provider of another project, with its own storage and pages, that signs in each visitor as the person of `claims`. */
export interface BareProvider {
  readonly issuer: string
  claims: { readonly sub: string; readonly [claim: string]: unknown }
}

/** Starts oidc-provider as its users do, without any of our code. It sends logout tokens to the client that it has. */
export async function bareProvider(
  scope: Scope,
  { at, secret }: { readonly at: string; readonly secret: string },
): Promise<BareProvider> {
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}`
  const bare: BareProvider = { issuer, claims: { sub: 'ada' } }
  const configuration: Configuration = {
    clients: [
      {
        client_id: 'daytona',
        client_secret: secret,
        redirect_uris: [`${at}/callback`],
        post_logout_redirect_uris: [`${at}/signed-out`],
        backchannel_logout_uri: `${at}/backchannel-logout`,
        backchannel_logout_session_required: true,
      },
    ],
    cookies: { keys: ['a key of cookies'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    features: {
      backchannelLogout: { enabled: true },
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        async logoutSource(ctx, form) {
          ctx.body = `<main>${form}</main>`
        },
      },
    },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: async () => ({ ...bare.claims, sub }) }),
    // Without the agent of the library, which reaches no loopback.
    fetch: (url, { method, headers, body }: RequestInit = {}) => fetch(url, { method, headers, body } as RequestInit),
  }
  const provider = new Provider(issuer, configuration)
  const answer = provider.callback()
  const server = createServer(async (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return void answer(request, response)
    const { prompt, session } = await provider.interactionDetails(request, response)
    if (prompt.name === 'login') {
      return provider.interactionFinished(request, response, { login: { accountId: bare.claims.sub } })
    }
    const grant = new provider.Grant({ accountId: session?.accountId ?? '', clientId: 'daytona' })
    grant.addOIDCScope('openid email profile')
    return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } })
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  scope.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return bare
}
