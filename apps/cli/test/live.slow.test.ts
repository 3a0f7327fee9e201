// One server for all of these files, which therefore run as one test file.
import './completion.ts'
import './issued-secrets.ts'
import './login.ts'
import './long-lists.ts'
import './prompts.ts'
import './readme.ts'
import './package.ts'
