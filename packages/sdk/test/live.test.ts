// One server for all of these files, which therefore run as one test file.
import './client.ts'
import './protected.ts'
