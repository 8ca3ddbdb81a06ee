import { selectorMatches } from '../../../engine/index.ts'
import type { KubeObject, LabelSelector } from '../../../engine/index.ts'
import { at, loose, looseList, none, printLabels, selectorText, show, since } from '../print/columnCells.ts'
import { containerLines, templateLines } from './describeContainers.ts'
import { eventsOf, head, line, listOf, meta, optional } from './describeObject.ts'
import type { DescribeContext, Describer } from './describeObject.ts'
import { conditionLines, controllerOf, labelLines, longTime, tolerationLines, volumeLines } from './describeParts.ts'

export const describePod: Describer = (object, context) => {
  const [spec, status] = [loose(object['spec']), loose(object['status'])]
  const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata
  const ended = status['phase'] === 'Failed' || status['phase'] === 'Succeeded'
  const going = deletionTimestamp !== undefined && !ended
  const ips = looseList(status['podIPs']).map(({ ip }) => `  IP:\t${show(ip)}\n`)
  const conditions = looseList(status['conditions']).map(({ type, status: is }) => `  ${show(type)} \t${show(is)} \n`)
  const owner = controllerOf(object)
  const init = looseList(spec['initContainers'])
  return [
    head(object),
    line('Priority', spec['priority'] ?? 0),
    optional('Priority Class Name', spec['priorityClassName']),
    optional('Service Account', spec['serviceAccountName']),
    line('Node', spec['nodeName'] === undefined ? none : `${show(spec['nodeName'])}/${show(status['hostIP'] ?? '')}`),
    optional('Start Time', longTime(status['startTime'])),
    meta(object),
    going
      ? `Status:\tTerminating (lasts ${since(deletionTimestamp, context.now, '<unknown>')})\nTermination Grace Period:\t${deletionGracePeriodSeconds ?? 0}s\n`
      : line('Status', status['phase'] ?? ''),
    optional('Reason', status['reason']),
    optional('Message', status['message']),
    line('IP', status['podIP'] ?? ''),
    ips.length === 0 ? `IPs:\t${none}\n` : `IPs:\n${ips.join('')}`,
    optional('Controlled By', owner),
    init.length > 0 ? containerLines('Init Containers', init, status['initContainerStatuses'], object) : '',
    containerLines('Containers', spec['containers'], status['containerStatuses'], object),
    conditions.length === 0 ? '' : `Conditions:\n  Type\tStatus\n${conditions.join('')}`,
    volumeLines(spec['volumes']),
    line('QoS Class', status['qosClass'] ?? 'BestEffort'),
    labelLines('Node-Selectors', spec['nodeSelector']),
    tolerationLines('Tolerations', spec['tolerations']),
    eventsOf(object, context),
  ].join('')
}

/** How many of a workload's own pods are in each phase. */
function podsStatus(object: KubeObject, { api }: DescribeContext): string {
  const selector = loose(at(object, 'spec.selector')) as LabelSelector
  const pods = listOf(api, 'v1', 'Pod', object.metadata.namespace).filter(
    ({ metadata }) =>
      selectorMatches(selector, metadata.labels) &&
      metadata.ownerReferences?.some(({ controller, uid }) => controller === true && uid === object.metadata.uid),
  )
  const count = (phase: string): number => pods.filter((pod) => at(pod, 'status.phase') === phase).length
  return `Pods Status:\t${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed\n`
}

const number = (object: KubeObject, path: string): string => show(at(object, path) ?? 0)

export const describeDeployment: Describer = (object, context) => {
  const { namespace, uid, creationTimestamp, annotations } = object.metadata
  const sets = listOf(context.api, 'apps/v1', 'ReplicaSet', namespace).filter(({ metadata }) =>
    metadata.ownerReferences?.some((owner) => owner.uid === uid),
  )
  const revisionKey = 'deployment.kubernetes.io/revision'
  const isNew = ({ metadata }: KubeObject): boolean =>
    metadata.annotations?.[revisionKey] === annotations?.[revisionKey]
  const text = (list: readonly KubeObject[]): string =>
    list
      .map(
        (set) =>
          `${set.metadata.name} (${number(set, 'status.replicas')}/${number(set, 'spec.replicas')} replicas created)`,
      )
      .join(', ') || none
  const rolling = at(object, 'spec.strategy.rollingUpdate')
  const old = sets.filter((set) => !isNew(set))
  return [
    head(object),
    line('CreationTimestamp', longTime(creationTimestamp)),
    meta(object),
    line('Selector', selectorText(at(object, 'spec.selector'))),
    line(
      'Replicas',
      [
        `${number(object, 'spec.replicas')} desired`,
        `${number(object, 'status.updatedReplicas')} updated`,
        `${number(object, 'status.replicas')} total`,
        `${number(object, 'status.availableReplicas')} available`,
        `${number(object, 'status.unavailableReplicas')} unavailable`,
      ].join(' | '),
    ),
    line('StrategyType', at(object, 'spec.strategy.type') ?? ''),
    line('MinReadySeconds', at(object, 'spec.minReadySeconds') ?? 0),
    rolling === undefined
      ? ''
      : `RollingUpdateStrategy:\t${show(loose(rolling)['maxUnavailable'] ?? 0)} max unavailable, ${show(loose(rolling)['maxSurge'] ?? 0)} max surge\n`,
    templateLines(at(object, 'spec.template')),
    conditionLines(at(object, 'status.conditions')),
    sets.length === 0 ? '' : `OldReplicaSets:\t${text(old)}\nNewReplicaSet:\t${text(sets.filter(isNew))}\n`,
    eventsOf(object, context),
  ].join('')
}

export const describeReplicaSet: Describer = (object, context) =>
  [
    head(object, line('Selector', selectorText(at(object, 'spec.selector')))),
    meta(object),
    optional('Controlled By', controllerOf(object)),
    line('Replicas', `${number(object, 'status.replicas')} current / ${number(object, 'spec.replicas')} desired`),
    podsStatus(object, context),
    templateLines(at(object, 'spec.template')),
    conditionLines(at(object, 'status.conditions')),
    eventsOf(object, context),
  ].join('')

export const describeStatefulSet: Describer = (object, context) => {
  const partition = at(object, 'spec.updateStrategy.rollingUpdate.partition')
  return [
    head(object, line('CreationTimestamp', longTime(object.metadata.creationTimestamp))),
    line('Selector', selectorText(at(object, 'spec.selector'))),
    meta(object),
    line('Replicas', `${number(object, 'spec.replicas')} desired | ${number(object, 'status.replicas')} total`),
    line('Update Strategy', at(object, 'spec.updateStrategy.type') ?? ''),
    partition === undefined ? '' : `  Partition:\t${show(partition)}\n`,
    podsStatus(object, context),
    templateLines(at(object, 'spec.template')),
    looseList(at(object, 'spec.volumeClaimTemplates')).length === 0 ? `Volume Claims:\t${none}\n` : 'Volume Claims:\n',
    eventsOf(object, context),
  ].join('')
}

export const describeDaemonSet: Describer = (object, context) => {
  const counts = [
    ['Desired Number of Nodes Scheduled', 'desiredNumberScheduled'],
    ['Current Number of Nodes Scheduled', 'currentNumberScheduled'],
    ['Number of Nodes Scheduled with Up-to-date Pods', 'updatedNumberScheduled'],
    ['Number of Nodes Scheduled with Available Pods', 'numberAvailable'],
    ['Number of Nodes Misscheduled', 'numberMisscheduled'],
  ] as const
  return [
    head(object, line('Selector', selectorText(at(object, 'spec.selector')))),
    line('Node-Selector', printLabels(at(object, 'spec.template.spec.nodeSelector'))),
    meta(object),
    ...counts.map(([title, field]) => `${title}: ${number(object, `status.${field}`)}\n`),
    podsStatus(object, context),
    templateLines(at(object, 'spec.template')),
    eventsOf(object, context),
  ].join('')
}
