import { STANDBYS } from './standbys.ts'
import { testMutations } from './testMutations.ts'

testMutations(STANDBYS)
