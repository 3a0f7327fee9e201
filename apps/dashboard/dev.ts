import react from '@vitejs/plugin-react'
import { createServer } from 'vite'
import { BASE, sharedOptions } from './vite.ts'

/**
 * Serves the sources with hot replacement on http://localhost:5173/dashboard/, in front of a running service.
 * The service must be started with `ISSUER=http://localhost:5173`, because the redirect URI is on the issuer's origin.
 */
const SERVICE = process.env['SERVICE'] ?? 'http://localhost:3000'
const issuer = 'http://localhost:5173'

const server = await createServer({
  ...sharedOptions,
  logLevel: 'info',
  plugins: [react(), { name: 'issuer', transformIndexHtml: (html) => html.replace('%ISSUER%', issuer) }],
  server: {
    port: 5173,
    strictPort: true,
    proxy: { [`^(?!${BASE}|/dashboard$)`]: { target: SERVICE, changeOrigin: false } },
  },
})
await server.listen()
server.printUrls()
