// Not by `import`: that reads every member of the module, among them lazy ones that load an HTTP client and a WebSocket,
// which takes 40 ms of a start.
const { STATUS_CODES } = process.getBuiltinModule('node:http')

/** The phrase of an HTTP status, as RFC 9110 has it. */
export const statusPhrase = (statusCode: number): string => STATUS_CODES[statusCode] ?? 'Unknown Status'
