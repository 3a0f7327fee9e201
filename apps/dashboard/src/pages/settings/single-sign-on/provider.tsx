import type { IdentityProvider, OrganizationUser } from '@daytona-auth/sdk'
import { useMutation } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { deleteIdentityProvider, setIdentityProvider } from '../../../api/single-sign-on.ts'
import { Button } from '../../../ui/button.tsx'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { EndDialog } from '../../../ui/end-dialog.tsx'
import { TextField } from '../../../ui/field.tsx'
import { ErrorNotice } from '../../../ui/states.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { UnsavedChanges } from '../../../ui/unsaved-changes.tsx'

interface ProviderProps {
  readonly organizationId: string
  readonly provider: IdentityProvider | null
  readonly isOwner: boolean
  readonly people: readonly OrganizationUser[]
}

/** The identity provider of the organization. */
export function Provider({ organizationId, provider, isOwner, people }: ProviderProps) {
  const [isEnding, setIsEnding] = useState(false)
  // Known before there is a provider, so that the client can be registered first.
  const ours = `${location.origin}/oauth/upstream/${organizationId}`
  const redirectUri = provider?.redirectUri ?? `${ours}/callback`
  const logoutUri = provider?.backchannelLogoutUri ?? `${ours}/backchannel-logout`
  const affected = people.filter(({ groupRoleIds }) => groupRoleIds.length > 0).length
  return (
    <section className="card padded stack" aria-label="Identity provider">
      <h2>Identity provider</h2>
      <p className="soft">
        The OpenID provider of your company. Register a web application there, with a secret and this redirect URI. With
        the back-channel logout URI, a sign-out there ends the sessions here.
      </p>
      <dl className="facts">
        <dt>Redirect URI</dt>
        <dd className="row">
          <code>{redirectUri}</code>
          <CopyButton text={redirectUri} label="Copy redirect URI" kind="plain" isIconOnly />
        </dd>
        <dt>Back-channel logout URI</dt>
        <dd className="row">
          <code>{logoutUri}</code>
          <CopyButton text={logoutUri} label="Copy back-channel logout URI" kind="plain" isIconOnly />
        </dd>
        {!isOwner && provider && <ProviderFacts provider={provider} />}
      </dl>
      {!isOwner && !provider && <p>There is none.</p>}
      {isOwner && (
        <ProviderForm key={provider ? 'stored' : 'new'} organizationId={organizationId} provider={provider} />
      )}
      {isOwner && provider && (
        <>
          <div>
            <Button onClick={() => setIsEnding(true)}>Delete identity provider</Button>
          </div>
          <EndDialog
            isOpen={isEnding}
            onClose={() => setIsEnding(false)}
            verb="Delete"
            name={provider.name}
            isNameTyped
            action="Delete identity provider"
            end={() => deleteIdentityProvider(organizationId)}
            onEnded={() => {
              setIsEnding(false)
              showToast('The identity provider is deleted.')
            }}
          >
            <ul className="ends">
              <li>people can no longer sign in with it; those without a password choose one by a mail</li>
              <li>
                {affected === 0
                  ? 'no member has roles by its groups'
                  : `${affected === 1 ? '1 member loses' : `${affected} members lose`} the roles that its groups give`}
              </li>
              <li>everyone who is a member stays a member</li>
            </ul>
          </EndDialog>
        </>
      )}
    </section>
  )
}

const ProviderFacts = ({ provider: { name, issuer, clientId, scopes } }: { readonly provider: IdentityProvider }) => (
  <>
    <dt>Name</dt>
    <dd>
      <bdi>{name}</bdi>
    </dd>
    <dt>Issuer</dt>
    <dd>
      <code>{issuer}</code>
    </dd>
    <dt>Client ID</dt>
    <dd>
      <code>{clientId}</code>
    </dd>
    <dt>Scopes</dt>
    <dd>{scopes.join(', ')}</dd>
  </>
)

const DEFAULT_SCOPES = 'openid email profile'

const draftOf = (provider: IdentityProvider | null) => ({
  name: provider?.name ?? '',
  issuer: provider?.issuer ?? '',
  clientId: provider?.clientId ?? '',
  scopes: provider?.scopes.join(' ') ?? DEFAULT_SCOPES,
})

/** Sets the provider, or tests the stored one again. The secret is written only, and not kept after it was saved. */
function ProviderForm({ organizationId, provider }: Pick<ProviderProps, 'organizationId' | 'provider'>) {
  const before = draftOf(provider)
  const [draft, setDraft] = useState(before)
  const [clientSecret, setClientSecret] = useState('')
  const [isChecked, setIsChecked] = useState(false)
  const formRef = useRef<HTMLFormElement>(null)
  const set = (change: Partial<typeof draft>): void => setDraft((current) => ({ ...current, ...change }))
  const isChanged = clientSecret !== '' || JSON.stringify(draft) !== JSON.stringify(before)
  const keepsSecret =
    provider !== null && draft.issuer.trim() === provider.issuer && draft.clientId.trim() === provider.clientId
  const problems = {
    name: draft.name.trim() === '' && 'Enter a name.',
    issuer: draft.issuer.trim() === '' && 'Enter the issuer.',
    clientId: draft.clientId.trim() === '' && 'Enter the client ID.',
    clientSecret: clientSecret === '' && !keepsSecret && 'Enter the secret of this client.',
  }
  const saving = useMutation({
    mutationFn: () =>
      setIdentityProvider(organizationId, {
        name: draft.name.trim(),
        issuer: draft.issuer.trim(),
        clientId: draft.clientId.trim(),
        scopes: draft.scopes.split(/[\s,]+/).filter((scope) => scope !== ''),
        ...(clientSecret !== '' && { clientSecret }),
      }),
    onSuccess: (stored) => {
      setDraft(draftOf(stored))
      setClientSecret('')
      showToast(
        isChanged
          ? 'The provider answers, and is saved.'
          : 'The provider answers, and accepts the client and its secret.',
      )
    },
  })
  return (
    <form
      className="stack settings-form"
      ref={formRef}
      noValidate
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault()
        setIsChecked(true)
        const wrong = Object.entries(problems).find(([, problem]) => problem)?.[0]
        if (wrong) formRef.current?.querySelector<HTMLElement>(`[name=${wrong}]`)?.focus()
        else if (!saving.isPending) saving.mutate()
      }}
    >
      <TextField
        label="Name"
        name="name"
        hint="People read it when they sign in."
        value={draft.name}
        onValueChange={(name) => set({ name })}
        maxLength={128}
        autoComplete="off"
        dir="auto"
        required
        problem={isChecked && problems.name}
      />
      <TextField
        label="Issuer"
        name="issuer"
        type="url"
        hint="Exactly as in its OpenID configuration."
        placeholder="https://login.example.com"
        value={draft.issuer}
        onValueChange={(issuer) => set({ issuer })}
        maxLength={500}
        className="mono"
        autoComplete="off"
        spellCheck={false}
        required
        problem={isChecked && problems.issuer}
      />
      <TextField
        label="Client ID"
        name="clientId"
        value={draft.clientId}
        onValueChange={(clientId) => set({ clientId })}
        maxLength={256}
        className="mono"
        autoComplete="off"
        spellCheck={false}
        required
        problem={isChecked && problems.clientId}
      />
      <TextField
        label="Client secret"
        name="clientSecret"
        type="password"
        hint={
          keepsSecret
            ? 'It is stored encrypted and never shown. Leave this empty to keep it.'
            : 'It is stored encrypted and never shown.'
        }
        value={clientSecret}
        onValueChange={setClientSecret}
        maxLength={1024}
        autoComplete="new-password"
        problem={isChecked && problems.clientSecret}
      />
      <TextField
        label="Scopes"
        name="scopes"
        hint="Separated by spaces. Some providers need one for groups."
        value={draft.scopes}
        onValueChange={(scopes) => set({ scopes })}
        maxLength={1000}
        className="mono"
        autoComplete="off"
        spellCheck={false}
      />
      {saving.error && <ErrorNotice error={saving.error} />}
      <div className="dialog-actions">
        <Button type="submit" kind={isChanged ? 'primary' : 'normal'} isBusy={saving.isPending}>
          {isChanged || provider === null ? 'Test and save' : 'Test again'}
        </Button>
      </div>
      <UnsavedChanges isChanged={isChanged} />
    </form>
  )
}
