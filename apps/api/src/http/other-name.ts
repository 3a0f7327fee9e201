import { installationNameProblem } from '@daytona-auth/accounts/reserved-app-name'
import { badRequest } from '@daytona-auth/service'

/** Requires a name that cannot be taken for the installation itself. @throws Denial 400 */
export function requireOtherName(name: string, brand: string): void {
  const message = installationNameProblem(name, brand)
  if (message !== undefined) throw badRequest(`name: ${message}`, [{ path: 'name', message }])
}
