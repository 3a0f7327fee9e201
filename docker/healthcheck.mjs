// Exits with 0 if the server in this container answers 200: `node healthcheck.mjs [path]`. The images have no curl.
const [path = '/health'] = process.argv.slice(2)
const url = `http://127.0.0.1:${process.env['PORT']}${path}`
const response = await fetch(url, { signal: AbortSignal.timeout(3000) }).catch(() => undefined)
process.exit(response?.ok ? 0 : 1)
