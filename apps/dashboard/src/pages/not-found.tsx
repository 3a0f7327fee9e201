import { Link } from '@tanstack/react-router'
import { CircleAlert, SearchX } from 'lucide-react'
import { Button, buttonClass } from '../ui/button.tsx'
import { Page } from '../ui/page.tsx'
import { EmptyState } from '../ui/states.tsx'

/** For a path without a page, and for an organization or thing that the person has no access to. */
export const NotFound = () => (
  <Page title="Page not found">
    <EmptyState icon={SearchX} title="There is nothing here">
      <p>It does not exist, or you have no access to it.</p>
      <Link to="/" className={buttonClass('primary')}>
        Go to your API keys
      </Link>
    </EmptyState>
  </Page>
)

/** For a page whose code could not be loaded, as after an upgrade of the service, or that failed. */
export const PageFailed = () => (
  <Page title="This page failed">
    <EmptyState icon={CircleAlert} title="This page could not be shown">
      <p>The service may have been upgraded in the meantime, or your connection was interrupted.</p>
      <Button kind="primary" onClick={() => location.reload()}>
        Reload
      </Button>
    </EmptyState>
  </Page>
)
