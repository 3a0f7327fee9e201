import type { IdentityProvider, OrganizationUser } from '@daytona-auth/sdk'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { domains, setSignInRule } from '../../../api/single-sign-on.ts'
import { Button } from '../../../ui/button.tsx'
import { EndDialog } from '../../../ui/end-dialog.tsx'
import { ErrorNotice } from '../../../ui/states.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { hasAddressIn } from './addresses.ts'

/** Whether addresses in the verified domains sign in with the identity provider only. */
export function SignInRule({
  organizationId,
  provider: { name, signIn },
  isOwner,
  people,
}: {
  readonly organizationId: string
  readonly provider: IdentityProvider
  readonly isOwner: boolean
  readonly people: readonly OrganizationUser[]
}) {
  const verified = (useQuery(domains(organizationId)).data ?? []).filter(({ status }) => status === 'verified')
  const affected = people.filter(({ email }) => verified.some(({ domain }) => hasAddressIn(email, domain))).length
  const [isAsking, setIsAsking] = useState(false)
  const isRequired = signIn === 'required'
  const relaxing = useMutation({
    mutationFn: () => setSignInRule(organizationId, 'optional'),
    onSuccess: () => showToast('The identity provider is no longer required.'),
  })
  return (
    <section className="card" aria-label="Sign-in rule">
      <div className="danger-card">
        <div>
          <h2>Require the identity provider</h2>
          <p className="soft">
            {isRequired
              ? 'Addresses in your domains sign in with it only. API keys are not affected.'
              : 'Addresses in your domains may also sign in with a password, a passkey or another provider.'}
          </p>
          {!isRequired && verified.length === 0 && <p className="soft">Verify an e-mail domain first.</p>}
          {relaxing.error && <ErrorNotice error={relaxing.error} />}
        </div>
        {isOwner &&
          (isRequired ? (
            <Button isBusy={relaxing.isPending} onClick={() => relaxing.mutate()}>
              No longer require it
            </Button>
          ) : (
            <Button disabled={verified.length === 0} onClick={() => setIsAsking(true)}>
              Require it
            </Button>
          ))}
      </div>
      <EndDialog
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        verb="Require"
        name={name}
        action="Require it"
        end={() => setSignInRule(organizationId, 'required')}
        onEnded={() => {
          setIsAsking(false)
          showToast('The identity provider is required now.')
        }}
      >
        <p>Passwords, passkeys and other providers are refused for every address in your domains:</p>
        <ul className="ends">
          <li>
            {affected === 0
              ? 'no member has such an address'
              : affected === 1
                ? '1 member has such an address'
                : `${affected} members have such an address`}
            ; accounts that are no members are affected, too
          </li>
          <li>sessions of other sign-ins end at their next use, access tokens when they expire</li>
          <li>owners with a second factor of their own keep their way in</li>
          <li>API keys continue to work</li>
        </ul>
      </EndDialog>
    </section>
  )
}
