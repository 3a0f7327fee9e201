// The program of Auth.js for Express, with this provider in place of a built-in one, and the rotation of refresh tokens of its guide.
import { ExpressAuth, getSession } from '@auth/express'
import express from 'express'

const { ISSUER: issuer, BASE: base, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, PORT } = process.env
const config = {
  providers: [
    {
      id: 'daytona',
      name: 'Daytona',
      type: 'oidc',
      issuer,
      clientId,
      clientSecret,
      authorization: { params: { scope: 'openid profile email offline_access' } },
    },
  ],
  secret: 'a secret of the app',
  trustHost: true,
  callbacks: {
    session: ({ session, token }) => ({
      ...session,
      user: { ...session.user, sub: token.sub },
      token: token.access_token,
      idToken: token.id_token,
    }),
    async jwt({ token, account, profile, trigger }) {
      if (account) {
        const { access_token, id_token, refresh_token } = account
        return { ...token, sub: profile.sub, access_token, id_token, refresh_token }
      }
      return trigger === 'update' ? { ...token, ...(await renew(token)) } : token
    },
  },
}

async function renew({ refresh_token }) {
  const { access_token, refresh_token: next } = await (
    await fetch(`${issuer}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        client_id: clientId,
        client_secret: clientSecret,
        grant_type: 'refresh_token',
        refresh_token,
      }),
    })
  ).json()
  return { access_token, refresh_token: next }
}

const app = express()
app.use('/auth', ExpressAuth(config))
app.get('/login', async (request, response) => {
  const begun = await sendForm(request, response, '/auth/signin/daytona', { callbackUrl: '/me' })
  response.redirect(begun.headers.get('location'))
})
app.get('/me', async (request, response) => {
  const session = await getSession(request, config)
  if (!session) return response.status(401).end()
  response.json({ sub: session.user.sub, email: session.user.email, token: session.token })
})
app.get('/renew', async (request, response) => {
  const { token } = await (await sendForm(request, response, '/auth/session', {})).json()
  response.json({ token })
})
app.get('/logout', async (request, response) => {
  const { idToken } = await getSession(request, config)
  await sendForm(request, response, '/auth/signout', {})
  const parameters = new URLSearchParams({ id_token_hint: idToken, post_logout_redirect_uri: base })
  response.redirect(`${issuer}/oauth/logout?${parameters}`)
})
app.listen(Number(PORT), '127.0.0.1', () => process.stdout.write('ready\n'))

/** Sends a form as a page of Auth.js does, and passes on its cookies. */
async function sendForm(request, response, path, fields) {
  const own = request.headers.cookie ?? ''
  const origin = `http://127.0.0.1:${PORT}`
  const first = await fetch(`${origin}/auth/csrf`, { headers: { cookie: own } })
  const { csrfToken } = await first.json()
  const cookie = [own, ...first.headers.getSetCookie().map((line) => line.split(';')[0])].filter(Boolean).join('; ')
  const isJson = path === '/auth/session'
  const answer = await fetch(origin + path, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie, 'content-type': isJson ? 'application/json' : 'application/x-www-form-urlencoded' },
    body: isJson ? JSON.stringify({ csrfToken, data: {} }) : new URLSearchParams({ csrfToken, ...fields }),
  })
  for (const line of [...first.headers.getSetCookie(), ...answer.headers.getSetCookie()])
    response.append('set-cookie', line)
  return answer
}
