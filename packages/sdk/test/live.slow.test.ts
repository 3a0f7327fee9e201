// One server for both files, which therefore run as one test file.
import './chromium.ts'
import './package.ts'
