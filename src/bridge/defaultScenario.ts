import type { Input, ManifestFile } from './protocol.ts'

const service = `apiVersion: v1
kind: Service
metadata:
  name: service-clusterip
  namespace: dev
spec:
  selector:
    app: nginx-pod
  clusterIP: 10.98.98.98
  type: ClusterIP
  ports:
    - port: 80 # Service port
      targetPort: 80 # pod port
`

const pods = `apiVersion: v1
kind: Namespace
metadata:
  name: dev
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pc-deployment
  namespace: dev
spec:
  replicas: 3
  selector:
    matchLabels:
      app: nginx-pod
  template:
    metadata:
      labels:
        app: nginx-pod
    spec:
      containers:
        - name: nginx
          image: nginx:1.17.1
          ports:
            - containerPort: 80
---
apiVersion: v1
kind: Pod
metadata:
  name: client
  namespace: dev
spec:
  containers:
    - name: shell
      image: busybox:1.36
      command: ['sleep', 'infinity']
`

/** What the page opens with: the lab's Service, its pods and a client to ask from. */
export const defaultFiles: readonly ManifestFile[] = [
  { name: 'service-clusterip.yaml', text: service },
  { name: 'pods.yaml', text: pods },
]

export const defaultSeed = 1

export const defaultInputs: readonly Input[] = [{ type: 'apply', files: defaultFiles }]
