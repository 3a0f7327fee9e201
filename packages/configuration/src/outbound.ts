import { cidrs } from '@daytona-auth/service'

/** The variable of the servers that fetch what others choose the URL of. */
export const outboundShape = {
  OUTBOUND_NETWORKS: cidrs()
    .default([])
    .describe(
      'Networks, such as `10.0.0.0/8`, from which keys of apps (`jwksUri`) and documents about apps may be fetched, where identity providers of organizations may be, and where logout tokens may be sent, besides all public addresses.',
    ),
}
