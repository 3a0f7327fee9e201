export { loadProviderConfig, type ProviderConfig } from './config.ts'
export { CLI_CLIENT_ID, DASHBOARD_CLIENT_ID, firstPartyClients } from './first-party.ts'
export { hashPassword } from './sign-in/hashing.ts'
export { type RunningProvider, type StartOptions, startProvider } from './start.ts'
