import './app-fields.css'
import { IDENTITY_SCOPES, type IdentityScope, identityScopeNames } from '@daytona-auth/protocol/scopes'
import type { Permission } from '@daytona-auth/sdk'
import type { Ref } from 'react'
import { PermissionMatrix } from '../../permissions/permission-matrix.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { ChoiceGroup } from '../../ui/choice-group.tsx'
import { DurationField } from '../../ui/duration-field.tsx'
import { TextField } from '../../ui/field.tsx'
import type { AppDraft, DraftProblems } from './app-draft.ts'
import { APP_TYPES, AppTypeChoice } from './app-types.tsx'
import { AuthenticationFields } from './authentication-fields.tsx'
import { UriListField } from './uri-list-field.tsx'

const REDIRECT_HINTS: Readonly<Record<AppDraft['type'], string>> = {
  web: 'Where people return to after they allowed access, one address a line, such as https://example.com/callback.',
  spa: 'The page that people return to, one address a line, such as https://example.com/callback.',
  native: 'http://127.0.0.1/callback, where the app listens on any free port while the person signs in.',
}

/** The settings of an app. Its type cannot be changed once it exists. */
export function AppFields({
  draft,
  onChange,
  problems,
  isChecked,
  allowed,
  isNew,
  nameRef,
}: {
  readonly draft: AppDraft
  readonly onChange: (change: Partial<AppDraft>) => void
  readonly problems: DraftProblems
  readonly isChecked: boolean
  /** What the person holds, and an app may have. */
  readonly allowed: ReadonlySet<Permission> | undefined
  readonly isNew: boolean
  readonly nameRef: Ref<HTMLInputElement>
}) {
  const { type, identity } = draft
  const toggle = (scope: IdentityScope, isChosen: boolean): void => {
    const next = new Set(identity)
    if (isChosen) next.add(scope)
    else next.delete(scope)
    onChange({ identity: next })
  }
  return (
    <>
      {isNew && (
        <div className="type-choices">
          <ChoiceGroup
            label="What kind of app is it?"
            value={type}
            choices={(['web', 'spa', 'native'] as const).map((value) => ({
              value,
              label: <AppTypeChoice type={value} />,
            }))}
            onValueChange={(next) => onChange({ type: next })}
            hint={isNew && 'The type cannot be changed afterwards.'}
          />
        </div>
      )}
      <TextField
        ref={nameRef}
        label="Name"
        hint="People see it when they are asked for access."
        value={draft.name}
        onValueChange={(name) => onChange({ name })}
        maxLength={128}
        autoComplete="off"
        dir="auto"
        required
        problem={isChecked && problems.name}
      />
      <UriListField
        label="Redirect URIs"
        hint={REDIRECT_HINTS[type]}
        value={draft.redirectUris}
        type={type}
        onValueChange={(redirectUris) => onChange({ redirectUris })}
        problem={isChecked ? problems.redirectUris : undefined}
        isChecked={isChecked}
      />
      <fieldset className="fieldset">
        <legend className="field-label">What the app may know of people</legend>
        <div>
          {identityScopeNames().map((scope) => (
            <Checkbox key={scope} checked={identity.has(scope)} onCheckedChange={(isChosen) => toggle(scope, isChosen)}>
              {IDENTITY_SCOPES[scope]} <code className="soft">{scope}</code>
            </Checkbox>
          ))}
        </div>
      </fieldset>
      <PermissionMatrix
        value={draft.permissions}
        allowed={allowed}
        onValueChange={(permissions) => onChange({ permissions })}
        administration="People who allow it let the app do everything that they can do in the organizations that they choose."
        problem={isChecked && problems.scopes}
      />
      <details open={!isNew || undefined}>
        <summary>More settings</summary>
        <div className="stack more-settings">
          <TextField
            label="Homepage"
            hint="Shown on the consent page."
            type="url"
            value={draft.homepageUri}
            onValueChange={(homepageUri) => onChange({ homepageUri })}
            autoComplete="off"
            problem={isChecked && problems.homepageUri}
          />
          <TextField
            label="Logo"
            hint="The address of a picture."
            type="url"
            value={draft.logoUri}
            onValueChange={(logoUri) => onChange({ logoUri })}
            autoComplete="off"
            problem={isChecked && problems.logoUri}
          />
          <UriListField
            label="Redirect URIs after signing out"
            hint="Where people may be sent after they signed out, one address a line."
            value={draft.postLogoutRedirectUris}
            type={type}
            onValueChange={(postLogoutRedirectUris) => onChange({ postLogoutRedirectUris })}
            isChecked={isChecked}
            rows={2}
          />
          <TextField
            label="Back-channel logout URI"
            hint="Your server gets a logout token there when a person signs out."
            type="url"
            value={draft.backchannelLogoutUri}
            onValueChange={(backchannelLogoutUri) => onChange({ backchannelLogoutUri })}
            autoComplete="off"
            problem={isChecked && problems.backchannelLogoutUri}
          />
          {type === 'web' && (
            <AuthenticationFields draft={draft} onChange={onChange} problems={isChecked ? problems : NONE} />
          )}
          <fieldset className="fieldset">
            <legend className="field-label">Protection</legend>
            {type === 'web' ? (
              <div>
                <Checkbox checked={draft.requirePkce} onCheckedChange={(requirePkce) => onChange({ requirePkce })}>
                  Require PKCE, which protects the code on its way. Every current library has it.
                </Checkbox>
                <Checkbox checked={draft.deviceGrant} onCheckedChange={(deviceGrant) => onChange({ deviceGrant })}>
                  Allow the device flow, for devices without a browser
                </Checkbox>
              </div>
            ) : (
              <p className="hint">
                {APP_TYPES[type].label}: always with PKCE
                {type === 'native' ? ', and with the device flow.' : ', and without the device flow.'}
              </p>
            )}
            <div>
              <Checkbox
                checked={draft.requirePushedAuthorizationRequests}
                onCheckedChange={(requirePushedAuthorizationRequests) =>
                  onChange({ requirePushedAuthorizationRequests })
                }
              >
                Require pushed authorization requests (PAR): a request cannot be changed on its way through the browser.
              </Checkbox>
              <Checkbox
                checked={draft.dpopBoundAccessTokens}
                onCheckedChange={(dpopBoundAccessTokens) => onChange({ dpopBoundAccessTokens })}
              >
                Require DPoP: tokens are bound to a key of the app, and a copied token is useless.
              </Checkbox>
            </div>
          </fieldset>
          <fieldset className="fieldset">
            <legend className="field-label">How long sign-ins last</legend>
            <DurationField
              label="Unused refresh token"
              hint="After this time without a use, people sign in again. The limit of the server applies as well."
              value={draft.refreshTokenTtl}
              onValueChange={(refreshTokenTtl) => onChange({ refreshTokenTtl })}
              problem={isChecked && problems.refreshTokenTtl}
            />
            <DurationField
              label="Refresh tokens of one sign-in"
              hint="After this time, people sign in again, however often the app was used."
              value={draft.refreshTokenAbsoluteTtl}
              onValueChange={(refreshTokenAbsoluteTtl) => onChange({ refreshTokenAbsoluteTtl })}
              problem={isChecked && problems.refreshTokenAbsoluteTtl}
            />
            <DurationField
              label="Oldest accepted sign-in"
              hint="People whose sign-in is older enter their password again. The max_age of a request takes precedence."
              value={draft.defaultMaxAge}
              onValueChange={(defaultMaxAge) => onChange({ defaultMaxAge })}
              problem={isChecked && problems.defaultMaxAge}
            />
          </fieldset>
        </div>
      </details>
    </>
  )
}

const NONE: DraftProblems = {}
