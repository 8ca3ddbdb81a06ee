import { appsTypes } from './appsTypes.ts'
import { coreTypes } from './coreTypes.ts'
import { discoveryTypes } from './discoveryTypes.ts'
import { createTypes } from './goType.ts'
import type { GoType } from './goType.ts'
import { metaTypes } from './metaTypes.ts'
import { podTypes } from './podTypes.ts'
import { policyTypes } from './policyTypes.ts'
import { storageTypes } from './storageTypes.ts'
import { volumeTypes } from './volumeTypes.ts'

const lookUp = createTypes([
  metaTypes,
  coreTypes,
  podTypes,
  volumeTypes,
  storageTypes,
  appsTypes,
  discoveryTypes,
  policyTypes,
])

/** The Go struct of this name (`Service`, `PodSpec`). */
export function goType(name: string): GoType {
  return lookUp(name)
}
