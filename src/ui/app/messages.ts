import type { LinkError } from '../../state/appState.ts'
import type { PaneName, Tab, Theme } from '../../state/appState.ts'

/** What the frame says. */
export const appMessages = {
  product: 'kubehop',
  scenario: 'Service lab',
  proxyMode: 'kube-proxy mode',
  proxyModeShort: 'kube-proxy',
  modes: {
    userspace: 'userspace',
    iptables: 'iptables',
    ipvs: 'ipvs',
    nftables: 'nftables',
  },
  panes: { manifests: 'Manifests', tables: 'Node tables', trace: 'Trace' } satisfies Record<PaneName, string>,
  cluster: 'Cluster',
  transport: 'Playback',
  resize: {
    manifests: 'Width of the manifests',
    tables: 'Height of the node tables',
    trace: 'Width of the trace',
  } satisfies Record<PaneName, string>,
  collapse: (pane: PaneName) => `Hide ${appMessages.panes[pane].toLowerCase()}`,
  expand: (pane: PaneName) => `Show ${appMessages.panes[pane].toLowerCase()}`,
  tabs: { cluster: 'Cluster', yaml: 'YAML', trace: 'Trace', tables: 'Tables' } satisfies Record<Tab, string>,
  views: 'Views',
  sheet: 'The current step',
  sheetOpen: 'Show the current step',
  sheetClose: 'Hide the current step',
  themes: { system: 'Theme: as the system', light: 'Theme: light', dark: 'Theme: dark' } satisfies Record<
    Theme,
    string
  >,
  keys: 'Keyboard shortcuts',
  keysHint: 'Single letters work while no field or editor has the focus.',
  keyGroups: { request: 'Request', step: 'Stepping', window: 'Window', editor: 'Manifests' },
  keyTexts: {
    send: 'Send the request',
    mode: 'Next kube-proxy mode',
    play: 'Play, pause',
    hop: 'One hop back, one hop on',
    rule: 'One rule back, one rule on',
    edge: 'First step, last step',
    speed: 'Slower, faster',
    close: 'Close what is open, deselect',
    panes: 'Hide or show manifests, tables, trace',
    text: 'The trace as steps or as text',
    share: 'Copy a link to this step',
    help: 'This sheet',
    apply: 'Apply the manifests',
    leave: 'Let Tab leave the editor',
    problem: 'Next problem',
    splitter: 'Move a focused splitter; Enter hides its pane',
  },
  close: 'Close',
  reset: 'Start over',
  resetHint: 'Load the default scenario; what is here is put aside',
  crash: {
    title: 'kubehop broke. That is our bug, not yours.',
    text: 'The last input was taken back and the cluster stands as before it.',
    copy: 'Copy a link that replays it',
    copied: 'Copied',
    dismiss: 'Dismiss',
  },
  brokenLink: (error: LinkError): string => {
    switch (error.type) {
      case 'unknownVersion':
        return `This link was made by a newer kubehop (version ${error.version}). Reload the page to get the newest one; until then, here is the default scenario.`
      case 'tooLarge':
        return 'This link unpacks to more than kubehop is willing to open. Here is the default scenario.'
      case 'damaged':
      case 'notALink':
        return 'This link is cut off or was changed on its way: ask for it again, whole. Here is the default scenario.'
    }
  },
}
