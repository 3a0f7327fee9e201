import { QueryClient } from '@tanstack/react-query'

/** The SDK repeats what may be repeated. Data is read again when the window gets the focus, unless it is fresh. */
export const queryClient = new QueryClient({
  defaultOptions: {
    // Without a connection a request fails at once, and the page says so: a paused one would look like a slow one.
    queries: { networkMode: 'always', retry: false, staleTime: 10_000, gcTime: 5 * 60_000, refetchOnWindowFocus: true },
    // A change of access, a key or a member may be visible in any list of its organization.
    mutations: { retry: false, networkMode: 'always' },
  },
})
