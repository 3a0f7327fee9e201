// One server for all of these: they stand in files of their own to be read, and are one to run.
import './client.ts'
import './chromium.ts'
import './protected.ts'
import './package.ts'
