import type { ApiKey } from '@daytona-auth/sdk'
import { Chip, type Tone } from '../../ui/chip.tsx'

const STATUS: Record<ApiKey['status'], { readonly tone: Tone; readonly label: string }> = {
  active: { tone: 'good', label: 'Active' },
  expired: { tone: 'neutral', label: 'Expired' },
  revoked: { tone: 'bad', label: 'Revoked' },
}

export function KeyStatus({ status }: { readonly status: ApiKey['status'] }) {
  const { tone, label } = STATUS[status]
  return <Chip tone={tone}>{label}</Chip>
}
