// One server for both files, which therefore run as one test file.
import './completion.ts'
import './login.ts'
import './prompts.ts'
import './package.ts'
