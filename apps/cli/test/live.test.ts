// One server for all of these: they stand in files of their own to be read, and are one to run.
import './help.ts'
import './wrong-input.ts'
import './keys.ts'
import './organizations.ts'
import './apps-and-audit.ts'
import './profiles.ts'
import './sessions.ts'
import './login.ts'
