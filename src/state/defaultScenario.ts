export { defaultFiles, defaultInputs, defaultSeed } from '../bridge/defaultScenario.ts'
