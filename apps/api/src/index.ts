// The standalone server's first run creates an API key without an HTTP request.
export { digestOf, isKey, mintKey } from '@daytona-auth/auth'
export { type ApiDependencies, buildApi } from './app.ts'
export { type ApiConfig, loadApiConfig } from './config.ts'
export { findBundledDashboard } from './features/dashboard/files.ts'
export { type ApiOptions, type RunningApi, startApi } from './start.ts'
