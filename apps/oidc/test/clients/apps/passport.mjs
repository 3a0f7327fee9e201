// The program of passport-openidconnect's documentation.
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import OpenIDConnectStrategy from 'passport-openidconnect'

const { ISSUER: issuer, BASE: base, CLIENT_ID: clientID, CLIENT_SECRET: clientSecret, PORT } = process.env

passport.use(
  new OpenIDConnectStrategy(
    {
      issuer,
      authorizationURL: `${issuer}/oauth/authorize`,
      tokenURL: `${issuer}/oauth/token`,
      userInfoURL: `${issuer}/oauth/userinfo`,
      clientID,
      clientSecret,
      callbackURL: `${base}/callback`,
      scope: ['profile', 'email'],
    },
    (_issuer, profile, done) => done(null, profile),
  ),
)
passport.serializeUser((user, done) => done(null, user))
passport.deserializeUser((user, done) => done(null, user))

const app = express()
app.use(session({ secret: 'a secret of the app', resave: false, saveUninitialized: false }))
app.use(passport.authenticate('session'))
app.get('/login', passport.authenticate('openidconnect'))
app.get('/callback', passport.authenticate('openidconnect', { successRedirect: '/me', failWithError: true }))
app.get('/me', ({ user }, response) => response.json({ sub: user?.id, email: user?.emails?.[0]?.value }))
app.get('/logout', (request, response) =>
  request.logout(() => response.redirect(`${issuer}/oauth/logout?client_id=${clientID}`)),
)
app.listen(Number(PORT), '127.0.0.1', () => process.stdout.write('ready\n'))
