import { expect, it } from 'vitest'
import { createSim } from '../engine/index.ts'
import { applyFiles } from './applyFiles.ts'

const pod = (spec: string): string => `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: ${spec}\n`

it.each([
  ['an image of the catalogue', pod('{containers: [{name: c, image: nginx}]}'), []],
  [
    'an unknown image with a port',
    pod('{containers: [{name: c, image: "example.com/shop:2", ports: [{containerPort: 9000}]}]}'),
    [
      'line 4: kubehop does not know what the image example.com/shop:2 runs: it is taken for a server on the ports that it declares (9000/TCP).',
    ],
  ],
  [
    'an unknown image without ports',
    pod('{containers: [{name: c, image: shop}]}'),
    [
      'line 4: kubehop does not know what the image shop runs: it declares no containerPort, so nothing listens in it here.',
    ],
  ],
  [
    'volumes',
    pod('{volumes: [{name: a, emptyDir: {}}, {name: b, configMap: {name: x}}], containers: [{name: c, image: nginx}]}'),
    ['line 4: What is in a configMap volume is not simulated: the containers run without its files.'],
  ],
  [
    'a kind that is only stored',
    'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: p}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n',
    ['line 2: PersistentVolumeClaim is stored and listed, but not simulated: it changes no traffic.'],
  ],
  ['what the server refuses', 'apiVersion: v1\nkind: Secret\nmetadata: {name: P}\n', []],
])('%s', (_name, text, hints) => {
  const { faults } = applyFiles(createSim({ seed: 1 }), [{ name: 'f.yaml', text }])
  const line = (offset: number): number => text.slice(0, offset).split('\n').length
  expect(
    faults.filter(({ severity }) => severity === 'hint').map(({ message, from }) => `line ${line(from)}: ${message}`),
  ).toEqual(hints)
})
