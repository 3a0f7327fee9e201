import './keyboard.css'
import { Autocomplete } from '@base-ui/react/autocomplete'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import {
  AppWindow,
  BookOpen,
  Building2,
  CircleUser,
  Keyboard,
  KeyRound,
  LogOut,
  type LucideIcon,
  MonitorSmartphone,
  Plus,
  Server,
  ShieldCheck,
  UserPlus,
} from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { apiKeysOf } from '../../api/api-keys.ts'
import { api } from '../../api/client.ts'
import { organizations } from '../../api/organizations.ts'
import { withoutSecret } from '../../pages/keys/list/without-secret.ts'
import { useOrganizationAccess } from '../../permissions/use-organization-access.ts'
import { signOut } from '../../session/session.ts'
import { ACCOUNT_KEY, isOffered, ORGANIZATION_PAGES } from '../pages.ts'

interface Command {
  readonly value: string
  readonly label: string
  readonly icon: LucideIcon
  /** Keys that do the same, one after the other. */
  readonly keys?: readonly string[]
  readonly run: () => void
}

interface Group {
  readonly value: string
  readonly items: readonly Command[]
}

const FOUND_KEYS = 5

/** All commands, found by a part of their names, and the API keys whose name contains what is typed. */
export function Palette({
  organizationId,
  onClose,
  onShortcuts,
}: {
  readonly organizationId: string | undefined
  readonly onClose: () => void
  readonly onShortcuts: () => void
}) {
  const [text, setText] = useState('')
  const inputRef = useRef<HTMLInputElement>(null)
  const groups = useGroups(organizationId, onShortcuts)
  const keys = useFoundKeys(organizationId, text)
  // The first time, the dialog is open before this is loaded.
  useEffect(() => inputRef.current?.focus(), [])
  const items = useMemo((): Group[] => {
    const wanted = text.trim().toLowerCase()
    const matching = groups
      .map((group) => ({ ...group, items: group.items.filter(({ label }) => label.toLowerCase().includes(wanted)) }))
      .filter((group) => group.items.length > 0)
    return keys.length === 0 ? matching : [...matching, { value: 'API keys', items: keys }]
  }, [groups, keys, text])
  return (
    <Autocomplete.Root
      open
      inline
      items={items}
      // The groups are filtered above, since keys are found by the API.
      filter={null}
      value={text}
      onValueChange={(next, { reason }) => {
        // Choosing a command runs it, and does not become what is searched.
        if (reason !== 'item-press') setText(withoutSecret(next))
      }}
      itemToStringValue={({ label }: Command) => label}
      autoHighlight="always"
      keepHighlight
    >
      <Autocomplete.Input
        ref={inputRef}
        data-initial-focus=""
        className="input"
        aria-label="Find a command or an API key"
        placeholder="Find a command or an API key"
        maxLength={200}
      />
      <div>
        <Autocomplete.Empty>
          {items.length === 0 && <p className="item-group-label">Nothing has this name.</p>}
        </Autocomplete.Empty>
        <Autocomplete.List className="palette">
          {(group: Group) => (
            <Autocomplete.Group key={group.value} items={group.items}>
              <Autocomplete.GroupLabel className="item-group-label">{group.value}</Autocomplete.GroupLabel>
              <Autocomplete.Collection>
                {(command: Command) => (
                  <Autocomplete.Item
                    key={command.value}
                    value={command}
                    className="item"
                    onClick={() => {
                      onClose()
                      command.run()
                    }}
                  >
                    <command.icon className="icon" aria-hidden="true" />
                    <bdi className="truncate">{command.label}</bdi>
                    {command.keys && (
                      <span className="end keys">
                        {command.keys.map((key) => (
                          <kbd key={key}>{key}</kbd>
                        ))}
                      </span>
                    )}
                  </Autocomplete.Item>
                )}
              </Autocomplete.Collection>
            </Autocomplete.Group>
          )}
        </Autocomplete.List>
      </div>
    </Autocomplete.Root>
  )
}

function useGroups(organizationId: string | undefined, onShortcuts: () => void): Group[] {
  const navigate = useNavigate()
  const all = useQuery(organizations).data
  const { held } = useOrganizationAccess(organizationId)
  return useMemo(() => {
    const params = { organizationId: organizationId ?? '' }
    const ofOrganization: Command[] = [
      {
        value: 'create-key',
        label: 'Create an API key',
        icon: Plus,
        run: () => void navigate({ to: '/o/$organizationId/keys/new', params }),
      },
      ...ORGANIZATION_PAGES.filter((page) => isOffered(page, held)).map(({ to, label, icon, key }) => ({
        value: to,
        label,
        icon,
        keys: ['g', key],
        run: () => void navigate({ to, params }),
      })),
      ...(held?.has('admin:organization') === true
        ? [
            {
              value: 'invite',
              label: 'Invite people',
              icon: UserPlus,
              run: () => void navigate({ to: '/o/$organizationId/members', params, search: { open: 'invite' } }),
            },
            {
              value: 'create-role',
              label: 'Create a role',
              icon: ShieldCheck,
              run: () => void navigate({ to: '/o/$organizationId/roles/new', params }),
            },
            {
              value: 'create-app',
              label: 'Create an OAuth app',
              icon: AppWindow,
              run: () => void navigate({ to: '/o/$organizationId/apps/new', params }),
            },
            {
              value: 'create-api',
              label: 'Register an API',
              icon: Server,
              run: () => void navigate({ to: '/o/$organizationId/apis/new', params }),
            },
          ]
        : []),
    ]
    const ofPerson: Command[] = [
      {
        value: 'account',
        label: 'Your account',
        icon: CircleUser,
        keys: ['g', ACCOUNT_KEY],
        run: () => void navigate({ to: '/account' }),
      },
      {
        value: 'sessions',
        label: 'Your sessions',
        icon: MonitorSmartphone,
        run: () => void navigate({ to: '/account', search: { tab: 'sessions' } }),
      },
      {
        value: 'create-organization',
        label: 'Create an organization',
        icon: Building2,
        run: () => void navigate({ to: '/organizations/new' }),
      },
      { value: 'shortcuts', label: 'Keyboard shortcuts', icon: Keyboard, keys: ['?'], run: onShortcuts },
      { value: 'docs', label: 'API documentation', icon: BookOpen, run: () => location.assign('/docs') },
      { value: 'sign-out', label: 'Sign out', icon: LogOut, run: () => void signOut() },
    ]
    const others = (all ?? []).filter(({ id }) => id !== organizationId)
    return [
      ...(organizationId === undefined ? [] : [{ value: 'This organization', items: ofOrganization }]),
      { value: 'You', items: ofPerson },
      ...(others.length === 0
        ? []
        : [
            {
              value: 'Other organizations',
              items: others.map(({ id, name }) => ({
                value: id,
                label: name,
                icon: Building2,
                run: () => void navigate({ to: '/o/$organizationId/keys', params: { organizationId: id } }),
              })),
            },
          ]),
    ]
  }, [all, held, navigate, onShortcuts, organizationId])
}

/** Finds API keys by a part of their name. It asks the API after a pause. */
function useFoundKeys(organizationId: string | undefined, text: string): Command[] {
  const navigate = useNavigate()
  const [q, setQ] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setQ(text.trim()), 200)
    return () => clearTimeout(timer)
  }, [text])
  const { data } = useQuery({
    queryKey: [...apiKeysOf(organizationId ?? ''), 'palette', q],
    queryFn: ({ signal }) =>
      api.apiKeys.page({ q, limit: FOUND_KEYS }, { ...(organizationId !== undefined && { organizationId }), signal }),
    enabled: organizationId !== undefined && q.length >= 2,
  })
  return useMemo(
    () =>
      q.length < 2 || q !== text.trim() || organizationId === undefined
        ? []
        : (data?.items ?? []).map(({ id, name }) => ({
            value: id,
            label: name,
            icon: KeyRound,
            run: () => void navigate({ to: '/o/$organizationId/keys/$keyId', params: { organizationId, keyId: id } }),
          })),
    [data, navigate, organizationId, q, text],
  )
}
