import { startTestServer, type TestServer } from './server.ts'

/** The variable that passes the server of a run to its test processes. */
export const SERVER_VARIABLE = 'DAYTONA_TEST_POSTGRES'

let server: TestServer | undefined

/** `node --test --test-global-setup` calls this once, before it starts the test processes, which inherit the environment. */
export async function globalSetup() {
  server = await startTestServer()
  process.env[SERVER_VARIABLE] = server.url
}

export async function globalTeardown() {
  await server?.stop()
}
