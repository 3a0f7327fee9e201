// Not imported: `import` reads every member of the module, including lazy ones that load an HTTP client and a WebSocket,
// which takes 40 ms of startup.
const { STATUS_CODES } = process.getBuiltinModule('node:http')

/** Returns the reason phrase of an HTTP status (RFC 9110). */
export const statusPhrase = (statusCode: number): string => STATUS_CODES[statusCode] ?? 'Unknown Status'
