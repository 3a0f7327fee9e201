import '../ui/field.css'
import '../ui/menu.css'
import { Combobox } from '@base-ui/react/combobox'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Check, ChevronsUpDown } from 'lucide-react'
import { organizations } from '../api/organizations.ts'
import { buttonClass } from '../ui/button.tsx'
import { usePopupPlace } from '../ui/popups.ts'
import { Skeleton } from '../ui/states.tsx'

interface Choice {
  readonly value: string
  readonly label: string
  readonly personal: boolean
}

/** Chooses the organization that the pages are about, by typing a part of its name. */
export function OrganizationSwitcher({ organizationId }: { readonly organizationId: string | undefined }) {
  const { data } = useQuery(organizations)
  const navigate = useNavigate()
  const { container, positionMethod } = usePopupPlace()
  if (!data) return <Skeleton height="2.75rem" />
  const choices: Choice[] = data.map(({ id, name, personal }) => ({ value: id, label: name, personal }))
  const current = choices.find(({ value }) => value === organizationId)
  return (
    <Combobox.Root
      items={choices}
      value={current ?? null}
      onValueChange={(choice: Choice | null) => {
        if (choice) void navigate({ to: '/o/$organizationId/keys', params: { organizationId: choice.value } })
      }}
    >
      <Combobox.Trigger
        className={`${buttonClass()} switcher`}
        // The role takes no name from its content.
        aria-label={`Organization: ${current?.label ?? 'Choose an organization'}`}
      >
        <span>
          <bdi className="truncate">{current?.label ?? 'Choose an organization'}</bdi>
        </span>
        <ChevronsUpDown className="icon" aria-hidden="true" />
      </Combobox.Trigger>
      <Combobox.Portal container={container}>
        <Combobox.Positioner className="positioner" positionMethod={positionMethod} sideOffset={6} align="start">
          <Combobox.Popup className="popup" aria-label="Organizations">
            <Combobox.Input className="input" placeholder="Find an organization" aria-label="Find an organization" />
            <Combobox.Empty>
              <p className="item-group-label">No organization has this name.</p>
            </Combobox.Empty>
            <Combobox.List>
              {(choice: Choice) => (
                <Combobox.Item key={choice.value} value={choice} className="item">
                  <bdi className="truncate">{choice.label}</bdi>
                  {choice.personal && <span className="soft small">personal</span>}
                  <Combobox.ItemIndicator className="end">
                    <Check className="icon" aria-hidden="true" />
                  </Combobox.ItemIndicator>
                </Combobox.Item>
              )}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  )
}
