import './shell.css'
import { CSPProvider } from '@base-ui/react/csp-provider'
import { Tooltip } from '@base-ui/react/tooltip'
import { useQuery } from '@tanstack/react-query'
import { Outlet, useLocation, useParams } from '@tanstack/react-router'
import { Menu } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { organizations } from '../api/organizations.ts'
import { Brand } from '../ui/brand.tsx'
import { Button, buttonClass } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { keepFocusPlace } from '../ui/focus-place.ts'
import { popupContainer } from '../ui/popups.ts'
import { Toasts } from '../ui/toasts.tsx'
import { InvitationBanner } from './invitation-banner.tsx'
import { Keyboard } from './keyboard/keyboard.tsx'
import { chooseOrganization, setLastOrganization } from './last-organization.ts'
import { Navigation } from './navigation.tsx'
import { SessionEnded } from './session-ended.tsx'
import { StepUpDialog } from './step-up-dialog.tsx'

/** The frame of all pages: navigation, main part, and what may appear over it. */
export function Shell() {
  const { data: all = [] } = useQuery(organizations)
  const params = useParams({ strict: false })
  const organizationId = params.organizationId ?? chooseOrganization(all)?.id
  const { pathname } = useLocation()
  const [isDrawerOpen, setIsDrawerOpen] = useState(false)
  const mainRef = useRef<HTMLElement>(null)
  useEffect(() => {
    if (params.organizationId !== undefined) setLastOrganization(params.organizationId)
  }, [params.organizationId])
  useEffect(() => {
    mainRef.current?.append(popupContainer)
  }, [])
  useEffect(() => setIsDrawerOpen(false), [pathname])
  useEffect(keepFocusPlace, [])
  return (
    // Base UI would insert style elements, which the Content-Security-Policy refuses. `base.css` has their rules.
    <CSPProvider disableStyleElements>
      <Tooltip.Provider>
        <a href="#main" className={`${buttonClass('primary')} skip-link`}>
          Skip to the content
        </a>
        <div className="shell">
          <header className="topbar">
            <Brand />
            <Button kind="plain" isIconOnly aria-label="Open navigation" onClick={() => setIsDrawerOpen(true)}>
              <Menu className="icon" aria-hidden="true" />
            </Button>
          </header>
          <aside className="sidebar" aria-label="Navigation">
            <Navigation organizationId={organizationId} />
          </aside>
          <main className="main" id="main" ref={mainRef} tabIndex={-1}>
            <InvitationBanner />
            <Outlet />
          </main>
        </div>
        <Dialog isOpen={isDrawerOpen} onClose={() => setIsDrawerOpen(false)} title="Navigation" shape="side">
          <Navigation organizationId={organizationId} />
        </Dialog>
        <Keyboard organizationId={organizationId} />
        <StepUpDialog />
        <SessionEnded />
        <Toasts />
      </Tooltip.Provider>
    </CSPProvider>
  )
}
