// For the first run, which creates an account without a request.
export { hashPassword } from '@daytona-auth/accounts/password-hashing'
export { makePassword } from '@daytona-auth/accounts/passwords'
export { loadProviderConfig, type ProviderConfig } from './config.ts'
export { CLI_CLIENT_ID, DASHBOARD_CLIENT_ID, firstPartyClients } from './first-party.ts'
export { startProvider } from './start.ts'
