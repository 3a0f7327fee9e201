import './ui/base.css'
import './shell/shell.css'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { queryClient } from './api/query-client.ts'
import { createAppRouter } from './router.tsx'
import { StartFailed, Starting } from './shell/starting.tsx'

/** Shows the page of the URL once the person is signed in. `session` resolves with the path to show. */
export async function startApp(session: Promise<string>): Promise<void> {
  const element = document.getElementById('root')
  if (!element) throw new Error('the document has no root')
  const root = createRoot(element)
  root.render(<Starting />)
  try {
    history.replaceState(null, '', await session)
  } catch (error) {
    root.render(<StartFailed error={error} />)
    return
  }
  root.render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={createAppRouter()} />
      </QueryClientProvider>
    </StrictMode>,
  )
}
