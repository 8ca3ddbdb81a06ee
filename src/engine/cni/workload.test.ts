import { expect, it } from 'vitest'
import type { Container, Pod } from '../api/types.ts'
import { imageName, listenersOf, programOf } from './workload.ts'

const pod = (container: Omit<Container, 'name'>): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'dev' },
  spec: { containers: [{ name: 'c', ...container }] },
})

it.each<{ readonly name: string; readonly container: Omit<Container, 'name'>; readonly want: readonly string[] }>([
  {
    name: 'nginx listens on 80 whatever it declares',
    container: { image: 'nginx:1.27', ports: [{ containerPort: 8080 }] },
    want: ['TCP 80 any'],
  },
  {
    name: 'a registry and a digest do not matter',
    container: { image: 'docker.io/library/nginx@sha256:0' },
    want: ['TCP 80 any'],
  },
  {
    name: 'agnhost netexec with ports as arguments',
    container: {
      image: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
      args: ['netexec', '--http-port=9000', '--udp-port', '9001'],
    },
    want: ['TCP 9000 any', 'UDP 9001 any'],
  },
  {
    name: 'agnhost netexec by default',
    container: { image: 'agnhost', args: ['netexec'] },
    want: ['TCP 8080 any', 'UDP 8081 any'],
  },
  {
    name: 'a client listens on nothing',
    container: { image: 'busybox', command: ['sleep', '3600'], ports: [{ containerPort: 80 }] },
    want: [],
  },
  {
    name: 'an unknown image serves what it declares',
    container: { image: 'acme/shop:3', ports: [{ containerPort: 5000 }, { containerPort: 53, protocol: 'UDP' }] },
    want: ['TCP 5000 any', 'UDP 53 any'],
  },
  {
    name: 'a server on loopback',
    container: { image: 'busybox', command: ['httpd', '-f', '-p', '127.0.0.1:8080'] },
    want: ['TCP 8080 loopback'],
  },
])('$name', ({ container, want }) => {
  expect(listenersOf(pod(container)).map(({ protocol, port, address }) => `${protocol} ${port} ${address}`)).toEqual(
    want,
  )
})

it.each([
  [{ image: 'busybox' }, { code: 0, afterMs: 0 }],
  [
    { image: 'busybox', command: ['sh', '-c', 'sleep 5; exit 3'] },
    { code: 3, afterMs: 5000 },
  ],
  [{ image: 'busybox', command: ['sleep', 'infinity'] }, undefined],
  [{ image: 'curlimages/curl', command: ['sleep', '1d'] }, undefined],
  [{ image: 'nginx' }, undefined],
])('%j ends with %j', (container, exit) => {
  const one = pod(container)
  const [first] = one.spec.containers
  expect(first && programOf(one, first).exit).toEqual(exit)
})

it('knows an image by its last name', () => {
  expect(['nginx', 'nginx:1.27-alpine', 'ghcr.io/acme/nginx:latest', 'localhost:5000/nginx'].map(imageName)).toEqual(
    Array.from({ length: 4 }, () => 'nginx'),
  )
})
