import { describeFuzz } from './fuzz.ts'

// `pnpm fuzz` sets more.
describeFuzz(Number(process.env['FUZZ_RUNS'] ?? 200))
