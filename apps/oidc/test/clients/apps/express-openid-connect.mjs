// The program of express-openid-connect's documentation, with a refresh token and sign-out at the provider.
import express from 'express'
import openid from 'express-openid-connect'

const { ISSUER: issuerBaseURL, BASE: baseURL, CLIENT_ID: clientID, CLIENT_SECRET: clientSecret, PORT } = process.env

const app = express()
app.use(
  openid.auth({
    issuerBaseURL,
    baseURL,
    clientID,
    clientSecret,
    secret: 'a long, randomly-generated string stored in env',
    authRequired: false,
    idpLogout: true,
    authorizationParams: { response_type: 'code', scope: 'openid profile email offline_access' },
  }),
)
app.get('/me', async ({ oidc }, response) => {
  if (!oidc.isAuthenticated()) return response.status(401).end()
  const { email } = await oidc.fetchUserInfo()
  response.json({ sub: oidc.user.sub, email, token: oidc.accessToken.access_token })
})
app.get('/renew', openid.requiresAuth(), async ({ oidc }, response) => {
  const { access_token: token } = await oidc.accessToken.refresh()
  response.json({ token })
})
app.listen(Number(PORT), '127.0.0.1', () => process.stdout.write('ready\n'))
