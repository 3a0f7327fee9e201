import './ip-address.css'

/** The address of a client. One of IPv4 stays in a line; one of IPv6 has no space to break at, and may break anywhere. */
export const IpAddress = ({ address }: { readonly address: string | null }) =>
  address === null ? <span className="soft">–</span> : <code className="ip-address">{address}</code>
