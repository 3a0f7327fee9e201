// The program of Auth.js for Express, with this provider in place of a built-in one.
import { ExpressAuth, getSession } from '@auth/express'
import express from 'express'

const { ISSUER: issuer, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, PORT } = process.env
const config = {
  providers: [{ id: 'daytona', name: 'Daytona', type: 'oidc', issuer, clientId, clientSecret }],
  secret: 'a secret of the app',
  trustHost: true,
  callbacks: {
    session: ({ session, token }) => ({ ...session, user: { ...session.user, sub: token.sub } }),
    jwt: ({ token, profile }) => ({ ...token, ...(profile && { sub: profile.sub }) }),
  },
}

const app = express()
app.use('/auth', ExpressAuth(config))
// The sign-in page of Auth.js has a form: this sends it.
app.get('/login', async (_request, response) => {
  const answer = await fetch(`http://127.0.0.1:${PORT}/auth/csrf`)
  const { csrfToken } = await answer.json()
  const begun = await fetch(`http://127.0.0.1:${PORT}/auth/signin/daytona`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookiesOf(answer), 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ csrfToken, callbackUrl: '/me' }),
  })
  for (const cookie of [...answer.headers.getSetCookie(), ...begun.headers.getSetCookie()]) {
    response.append('set-cookie', cookie)
  }
  response.redirect(begun.headers.get('location'))
})
app.get('/me', async (request, response) => {
  const session = await getSession(request, config)
  response.json({ sub: session?.user?.sub, email: session?.user?.email })
})
app.listen(Number(PORT), '127.0.0.1', () => process.stdout.write('ready\n'))

const cookiesOf = (answer) =>
  answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
