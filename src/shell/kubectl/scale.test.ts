import { expect, it } from 'vitest'
import { emptyShell } from '../testing/emptyCluster.ts'

/** Recorded from kubectl v1.35.4 on a v1.35.4 API server. */
const service = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'a', namespace: 'dev' },
  spec: { ports: [{ port: 80 }] },
})

it.each([
  { command: 'kubectl scale deploy --all --replicas=2 -n dev', stderr: 'error: no objects passed to scale\n' },
  {
    command: 'kubectl scale --replicas=1 -n dev',
    stderr: `error: You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'
`,
  },
  {
    command: 'kubectl replace -f f.yaml --grace-period=0',
    stderr: 'error: --grace-period must have --force specified\n',
  },
  { command: 'kubectl apply -f f.yaml -k .', stderr: 'error: only one of -f or -k can be specified\n' },
  {
    command: 'kubectl apply -f f.yaml --prune',
    stderr:
      'error: all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector\n',
  },
  {
    command: 'kubectl logs nope -n dev',
    stderr: 'error: error from server (NotFound): pods "nope" not found in namespace "dev"\n',
  },
  {
    command: 'kubectl get svc,__proto__',
    stderr: 'error: the server doesn\'t have a resource type "__proto__"\n',
  },
  {
    command: 'kubectl get svc --context=nope',
    stderr: 'Error in configuration: context was not found for specified context: nope\n',
  },
  {
    command: 'kubectl gett pods',
    stderr: 'error: unknown command "gett" for "kubectl"\n\nDid you mean this?\n\tset\n\tget\n',
  },
])('$command', ({ command, stderr }) => {
  const shell = emptyShell({ files: { 'f.yaml': service }, namespaces: ['dev'] })
  expect(shell.run(command)).toEqual({ stdout: '', stderr, rc: 1 })
})

it('replace --force deletes all before it makes the first anew', () => {
  const files = { 'f.yaml': `${service}\n---\n${service.replace('"a"', '"b"')}\n` }
  const shell = emptyShell({ files, namespaces: ['dev'] })
  shell.run('kubectl create -f f.yaml')
  expect(shell.run('kubectl replace -f f.yaml --force').stdout).toBe(
    [
      'service "a" deleted from dev namespace',
      'service "b" deleted from dev namespace',
      'service/a replaced',
      'service/b replaced',
      '',
    ].join('\n'),
  )
})

it('config set-context changes the namespace of the commands that follow', () => {
  const shell = emptyShell({ files: { 'f.yaml': service }, namespaces: ['dev'] })
  expect(shell.run('kubectl config set-context --current --namespace=dev').stdout).toBe(
    'Context "kubernetes-admin@kubernetes" modified.\n',
  )
  expect(shell.run('kubectl get pods').stderr).toBe('No resources found in dev namespace.\n')
})
