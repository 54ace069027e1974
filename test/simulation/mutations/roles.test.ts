import { ROLES } from './roles.ts'
import { testMutations } from './testMutations.ts'

testMutations(ROLES)
