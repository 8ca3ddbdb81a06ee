import type {
  KubeObject,
  NamespaceId,
  NodeTables,
  ProxyMode,
  Request,
  SimTime,
  Trace,
  TraceLine,
} from '../engine/index.ts'
import type { Fault, Input, ManifestFile, Notice } from '../bridge/protocol.ts'
import type { LinkError } from '../share/moment.ts'
import type { OutsideSetting } from '../view/inspection.ts'

export type { Fault, Input, ManifestFile } from '../bridge/protocol.ts'
export type { LinkError } from '../share/moment.ts'

/** All that the application knows: one slice a subject. Only notices write engine data; only actions send commands. */
export type AppState = ClusterSlice &
  ManifestsSlice &
  RunSlice &
  RequestSlice &
  TraceSlice &
  TablesSlice &
  LayoutSlice &
  ShareSlice

export interface Cluster {
  /** By `Kind/namespace/name`, or `Kind/name` without a namespace. An untouched object keeps its reference. */
  readonly objects: ReadonlyMap<string, KubeObject>
  /** The virtual clock at the newest notice, in milliseconds. */
  readonly now: SimTime
  /** Whether the virtual clock waits for `letTimePass`. */
  readonly held: boolean
  /** Nothing is under way: no pod starts, no kube-proxy has anything to learn. */
  readonly quiet: boolean
  /** Set by a `crashed` notice; what replays our bug. */
  readonly crash?: Extract<Notice, { type: 'crashed' }>
}

export interface ClusterSlice {
  readonly cluster: Cluster
  readonly dismissCrash: () => void
  /** Stops the virtual clock, or lets it run until all is quiet, now and after every change. */
  readonly holdClock: (on: boolean) => void
  /** In milliseconds; until all is quiet without it. */
  readonly letTimePass: (ms?: number) => void
}

export interface Manifests {
  readonly files: readonly ManifestFile[]
  /** Name of the file on screen. */
  readonly active: string
  /** Of the newest apply, in document order. */
  readonly faults: readonly Fault[]
  /** kubectl's line for each document of the newest apply. */
  readonly messages: readonly string[]
  /** The files of the newest apply; differs from `files` while there are edits that were not applied. */
  readonly applied: readonly ManifestFile[]
  /** An apply was sent and not answered yet. */
  readonly applying: boolean
  /** Asks the editor to go to an offset; `id` rises with every wish. */
  readonly jump?: { readonly file: string; readonly from: number; readonly to: number; readonly id: number }
}

export interface ManifestsSlice {
  readonly manifests: Manifests
  readonly editFile: (name: string, text: string) => void
  /** Makes the file active. A name that is taken gets a number. */
  readonly addFile: (name: string, text: string) => void
  /** Does nothing when `to` is empty or taken. */
  readonly renameFile: (from: string, to: string) => void
  /** The last file cannot be closed; it is emptied. */
  readonly closeFile: (name: string) => void
  readonly activateFile: (name: string) => void
  /** Sends the whole editor when it differs from what was applied, or always with `force`. */
  readonly apply: (options?: { readonly force?: boolean }) => void
  readonly jumpTo: (file: string, from: number, to: number) => void
  /** Goes to the line of the ConfigMap that says it, written where it is missing; with `value` it is set and applied. */
  readonly setOutside: (setting: OutsideSetting, value?: string) => void
}

/** What replays everything on screen: same seed and inputs, same bytes. */
export interface Run {
  readonly seed: number
  readonly inputs: readonly Input[]
  readonly mode: ProxyMode
  /** From `boot` to the `booted` notice. */
  readonly booting: boolean
}

export interface RunSlice {
  readonly run: Run
  /** Starts over with the lab and replays `inputs`; the editor then holds the files of the last apply. */
  readonly boot: (start: BootOptions) => void
  readonly setMode: (mode: ProxyMode) => void
  /** Sends a request; its trace comes back, becomes the current one and plays. */
  readonly send: (request: Request) => void
  /** Notes an input that was sent. */
  readonly remember: (input: Input) => void
}

export interface BootOptions {
  readonly seed: number
  readonly inputs: readonly Input[]
  /** The moment to show when the replay is done; without it the first step of the newest trace. */
  readonly moment?: { readonly trace: number; readonly cursor: number }
}

export type Granularity = 'hop' | 'rule'

/** What the inspector is pinned to. */
export type Selection =
  /** An event of the current trace, by its index. */
  | { readonly type: 'event'; readonly index: number }
  /** An object of the cluster, by its key `Kind/namespace/name`. */
  | { readonly type: 'object'; readonly key: string }
  /** A place that is no object: a hook of a node, an outside host. */
  | { readonly type: 'place'; readonly at: NamespaceId; readonly station?: string }

export interface Traces {
  /** One a request of the run, oldest first. */
  readonly traces: readonly Trace[]
  /** Index into `traces`; -1 before the first request. */
  readonly current: number
  /** Index into the current trace's events: this event and all before it have happened. */
  readonly cursor: number
  readonly granularity: Granularity
  readonly playing: boolean
  /** 1 = 600 ms a hop; 0.05..8. */
  readonly speed: number
  readonly selection: Selection | undefined
  /** Traces in words, by index, as far as they were asked for. */
  readonly printed: ReadonlyMap<number, readonly TraceLine[]>
  /** The moment that a boot has to show once its traces are there. */
  readonly restore?: { readonly trace: number; readonly cursor: number }
}

export interface TraceSlice {
  readonly trace: Traces
  /** Shows another request of the run from its first step. */
  readonly selectTrace: (index: number) => void
  /** Moves to an event, kept inside the trace. Does not pause. */
  readonly seek: (cursor: number) => void
  /** To the next or previous stop of `granularity` (the slice's when absent). Pauses. Never wraps. */
  readonly step: (by: 1 | -1, granularity?: Granularity) => void
  /** To the first stop or the end. Pauses. */
  readonly stepToEdge: (edge: 'start' | 'end') => void
  /** Playing from the end starts over. */
  readonly setPlaying: (playing: boolean) => void
  readonly setSpeed: (speed: number) => void
  readonly setGranularity: (granularity: Granularity) => void
  readonly select: (selection: Selection | undefined) => void
  /** Has the current trace put into words, once. */
  readonly printCurrent: () => void
}

export interface Tables {
  /** The node on show; undefined follows the packet. */
  readonly pinned: string | undefined
  /** `TableView.id`; undefined follows the packet: the table that the current step matched something in. */
  readonly view: string | undefined
  /** By node: what the node said last. */
  readonly data: ReadonlyMap<string, NodeTables>
  /** Nodes whose `data` is older than the newest change. */
  readonly stale: ReadonlySet<string>
}

export interface TablesSlice {
  readonly tables: Tables
  /** undefined = follow the packet again, in the choice of the table too. */
  readonly pinNode: (node: string | undefined) => void
  readonly showTable: (view: string) => void
}

export type Theme = 'system' | 'light' | 'dark'

export type PaneName = 'manifests' | 'tables' | 'trace'

/** The tab on screen below 980 px. */
export type Tab = 'cluster' | 'yaml' | 'trace' | 'tables'

export type Telling = 'steps' | 'text'

export interface Pane {
  /** px along the splitter's axis. */
  readonly size: number
  readonly collapsed: boolean
}

export interface Layout {
  readonly panes: Readonly<Record<PaneName, Pane>>
  readonly theme: Theme
  readonly tab: Tab
  /** How the trace panel tells the trace. */
  readonly telling: Telling
  /** Whether the keyboard sheet is open. */
  readonly keysOpen: boolean
}

export interface LayoutSlice {
  readonly layout: Layout
  readonly resizePane: (pane: PaneName, size: number) => void
  readonly togglePane: (pane: PaneName) => void
  readonly setTheme: (theme: Theme) => void
  readonly showTab: (tab: Tab) => void
  readonly showKeys: (open: boolean) => void
  readonly tell: (telling: Telling) => void
}

export interface ShareState {
  /** How the page came to what it shows. */
  readonly origin: 'default' | 'kept' | 'link'
  /** Something was applied, sent or switched since. */
  readonly edited: boolean
  /** Why the link of the address could not be opened; the default scenario runs instead. */
  readonly error: LinkError | undefined
  /** Work of the reader's own, put aside by a link or a fresh start: a link as `encodeLink` makes it. */
  readonly putAside: string | undefined
  /** The link that was made last, with what it holds. */
  readonly made: MadeLink | undefined
}

export interface MadeLink {
  readonly url: string
  /** False when the clipboard refused: the address is then shown to be copied by hand. */
  readonly copied: boolean
  readonly files: number
  readonly requests: number
  /** Step and steps of the request on show, from 1; absent without one. */
  readonly step?: { readonly at: number; readonly of: number }
}

export interface ShareSlice {
  readonly share: ShareState
  readonly noteShare: (change: Partial<ShareState>) => void
}

/** What the request bar holds; absent = nothing chosen, the first choice stands. */
export interface Draft {
  readonly from: string | undefined
  readonly to: string | undefined
  /** For a source outside: the node that is its gateway. */
  readonly via: string | undefined
  /** The client keeps its connection open and sends its next request over it. */
  readonly keep: boolean
}

export interface RequestSlice {
  readonly draft: Draft
  readonly askFor: (change: Partial<Draft>) => void
  /** Sends what the request bar shows; nothing while there is nobody to ask from or nothing to call. */
  readonly sendDraft: () => void
}
