/** What the tables say. */
export const tablesMessages = {
  views: 'Tables of the node',
  node: 'Node',
  followHint: 'Follows the packet until a node or a table is chosen',
  follow: (node: string) => `Follow: ${node}`,
  followPlain: 'Follow the packet',
  lines: (n: number) => `${n} lines`,
  lit: (n: number) => `${n} matched so far`,
  now: 'matched in this step',
  named: (tab: string): string => `${tab}, ${tablesMessages.now}`,
  before: 'matched before',
  tried: 'tried, did not match',
  waiting: 'Reading the node …',
  stepInOtherMode: (mode: string) => `The request ran in ${mode} mode; these are the rules now.`,
  text: (command: string, node: string) => `${command} on ${node}`,
  /** Names of tabs whose command is long; by `TableView.id`. */
  short: {
    nft: 'nft list table',
    conntrack: 'conntrack -L',
    userspace: 'proxy ports',
    log: 'kube-proxy log',
  } as Readonly<Record<string, string>>,
  comments: 'Comments',
}
