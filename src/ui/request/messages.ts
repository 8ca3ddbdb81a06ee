/** What the request bar says. */
export const requestMessages = {
  title: 'Request',
  from: 'From',
  to: 'To',
  fromName: 'Where the request comes from',
  toName: 'Where the request goes to',
  send: 'Send request',
  via: 'through',
  viaName: 'The node that is its gateway',
  groups: {
    pods: 'Pods',
    nodes: 'Nodes',
    outside: 'Outside the cluster',
    services: 'Services',
    podPorts: 'Pods, past the Service',
  },
  typed: 'Another address …',
  typedName: 'Address: tcp://IP:PORT, udp://IP:PORT or http://NAME/PATH',
  typedHint: 'tcp://10.98.98.98:80',
  back: 'Choose from the list',
  nobody: 'No pod runs yet',
  nowhere: 'Nothing to call yet',
}
