// A server of the Model Context Protocol with the official SDK, behind our middleware for resource servers.
import { createResourceServer } from '@daytona-auth/sdk/resource-server'
import { resourceServer } from '@daytona-auth/sdk/resource-server/fastify'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import fastify from 'fastify'

const { BASE, ISSUER, PORT } = process.env
const app = fastify()
const guard = createResourceServer({
  issuer: ISSUER,
  audience: `${BASE}/mcp`,
  scopes: ['notes:read'],
  accessTokens: 'offline',
})
await app.register(resourceServer, { resourceServer: guard })

app.post('/mcp', { config: { requires: { scopes: ['notes:read'] } } }, async (request, reply) => {
  const server = new McpServer({ name: 'notes', version: '1.0.0' })
  server.registerTool('whoami', { description: 'Says who calls' }, async () => ({
    content: [{ type: 'text', text: JSON.stringify(request.caller.userId) }],
  }))
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true })
  await server.connect(transport)
  reply.hijack()
  await transport.handleRequest(request.raw, reply.raw, request.body)
})

await app.listen({ host: '127.0.0.1', port: Number(PORT) })
process.stdout.write('ready\n')
