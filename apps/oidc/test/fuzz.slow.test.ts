import { describeFuzz } from './fuzz.ts'

describeFuzz(Number(process.env['FUZZ_RUNS'] ?? 200))
