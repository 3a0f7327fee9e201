import { queryOptions } from '@tanstack/react-query'
import { api } from './client.ts'

/** The browser sessions of the signed-in person. */
export const sessions = queryOptions({
  queryKey: ['sessions'],
  queryFn: ({ signal }) => api.users.sessions.list({ signal }),
})

/** The apps that the person has given access to, the dashboard and the CLI included. */
export const authorizedApps = queryOptions({
  queryKey: ['authorized-apps'],
  queryFn: ({ signal }) => api.users.authorizedApps.list({ signal }),
})
