// The program of express-oauth2-jwt-bearer's documentation.
import express from 'express'
import { auth } from 'express-oauth2-jwt-bearer'

const { ISSUER: issuer, PORT } = process.env

const app = express()
app.use(auth({ issuerBaseURL: issuer, audience: issuer, tokenSigningAlg: 'ES256' }))
app.get('/', (request, response) => response.json(request.auth.payload.sub))
// Without this, Express prints each refused token.
app.use((error, _request, response, _next) => response.status(error.status ?? 500).end())
app.listen(Number(PORT), '127.0.0.1', () => process.stdout.write('ready\n'))
