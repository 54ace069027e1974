import { RECOVERY } from './recovery.ts'
import { testMutations } from './testMutations.ts'

testMutations(RECOVERY)
