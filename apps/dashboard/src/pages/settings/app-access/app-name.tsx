import type { NamedApp } from './action-dialog.tsx'

/** Names an app, with the client ID: anybody can register an app with the name of another. */
export const AppName = ({ name, clientId, homepageUri }: NamedApp) => (
  <span className="title-block">
    <bdi>{name}</bdi>
    <code className="soft">{clientId}</code>
    {homepageUri && <span className="soft app-homepage">{homepageUri}</span>}
  </span>
)
