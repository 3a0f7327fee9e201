export { type Scope, type TestDatabase, testDatabase } from './database.ts'
export { captureLog, type LogCapture } from './log-capture.ts'
export { type TcpProxy, tcpProxy } from './tcp-proxy.ts'
export { waitFor } from './wait-for.ts'
