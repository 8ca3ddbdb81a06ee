import { expect, it } from 'vitest'
import { emptyShell } from '../testing/emptyCluster.ts'

// Messages of kubectl v1.35.4.
it('the namespace of the context is that of commands without -n', () => {
  const shell = emptyShell({ files: {}, namespaces: ['dev'] })
  const run = (line: string): string => {
    const { stdout, stderr } = shell.run(line)
    return stdout + stderr
  }
  expect(run('kubectl config set-context --current --namespace=dev')).toBe(
    'Context "kubernetes-admin@kubernetes" modified.\n',
  )
  expect(run('kubectl get pods')).toBe('No resources found in dev namespace.\n')
  expect(run('kubectl config view --minify')).toContain('    namespace: dev\n')
  expect(run('kubectl get pods -n default')).toBe('No resources found in default namespace.\n')
})

it('a command that kubectl has and kubehop lacks is told from one that nobody has', () => {
  const shell = emptyShell({ files: {} })
  expect(shell.run('kubectl drain node02').stderr).toBe('error: kubectl drain is not simulated (docs/fidelity.md)\n')
  expect(shell.run('kubectl conjure').stderr).toBe('error: unknown command "conjure" for "kubectl"\n')
})

// An address by hand, as one does it where no cloud answers. `kubectl get` and refusals of v1.35.4.
it('the status of a load balancer can be patched by itself', () => {
  const shell = emptyShell({ files: {} })
  shell.run('kubectl create service loadbalancer lb --tcp=80')
  const patch = (type: string, status: string): string =>
    shell.run(`kubectl patch svc ${type} --subresource=status --type=merge -p '${status}'`).stderr
  const ingress = (ip: string): string => `{"status":{"loadBalancer":{"ingress":[{"ip":"${ip}"}]}}}`
  expect(patch('lb', ingress('203.0.113.5'))).toBe('')
  expect(shell.run('kubectl get svc lb').stdout).toContain('203.0.113.5')
  expect(patch('lb', ingress('x'))).toContain('status.loadBalancer.ingress[0].ip: Invalid value: "x"')
  expect(patch('kubernetes', ingress('203.0.113.5'))).toContain(
    'status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is "LoadBalancer"',
  )
})
