// The program of passport-openidconnect's documentation, with a refresh token and sign-out at the provider.
import { promisify } from 'node:util'
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import OpenIDConnectStrategy from 'passport-openidconnect'

const { ISSUER: issuer, BASE: base, CLIENT_ID: clientID, CLIENT_SECRET: clientSecret, PORT } = process.env

const strategy = new OpenIDConnectStrategy(
  {
    issuer,
    authorizationURL: `${issuer}/oauth/authorize`,
    tokenURL: `${issuer}/oauth/token`,
    userInfoURL: `${issuer}/oauth/userinfo`,
    clientID,
    clientSecret,
    callbackURL: `${base}/callback`,
    scope: ['profile', 'email', 'offline_access'],
  },
  (_issuer, profile, _context, idToken, accessToken, refreshToken, done) =>
    done(null, { ...profile, idToken, accessToken, refreshToken }),
)
passport.use(strategy)
passport.serializeUser((user, done) => done(null, user))
passport.deserializeUser((user, done) => done(null, user))

const app = express()
app.use(session({ secret: 'a secret of the app', resave: false, saveUninitialized: false }))
app.use(passport.authenticate('session'))
app.get('/login', passport.authenticate('openidconnect'))
app.get('/callback', passport.authenticate('openidconnect', { successRedirect: '/me', failWithError: true }))
app.get('/me', ({ user }, response) =>
  user
    ? response.json({ sub: user.id, email: user.emails?.[0]?.value, token: user.accessToken })
    : response.status(401).end(),
)
app.get('/renew', async ({ user }, response) => {
  // As passport-oauth2-refresh does.
  const renew = promisify(strategy._oauth2.getOAuthAccessToken).bind(strategy._oauth2)
  response.json({ token: await renew(user.refreshToken, { grant_type: 'refresh_token' }) })
})
app.get('/logout', (request, response, next) => {
  const { idToken } = request.user
  request.logout((error) => {
    const parameters = new URLSearchParams({ id_token_hint: idToken, post_logout_redirect_uri: base })
    return error ? next(error) : response.redirect(`${issuer}/oauth/logout?${parameters}`)
  })
})
app.listen(Number(PORT), '127.0.0.1', () => process.stdout.write('ready\n'))
