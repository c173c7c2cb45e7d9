/** Where the connection is. "refused" and "closed" are final. */
export type State = "new" | "connecting" | "live" | "interrupted" | "waiting" | "refused" | "closed";

/** Events are missing: load anew what is shown of the channel. */
export interface Reset {
  channel: string;
  /** Why: no longer kept, Redis may have lost some, or our id is not known to the server. */
  reason: "trimmed" | "restarted" | "unknown";
  /** How many; null if nobody knows. */
  missed: number | null;
}

export interface Options {
  /** Where the server has its events; "/events/" unless said otherwise. */
  url?: string;
  transport?: "sse" | "websocket";
  /** From where on: `position()` of the server, or `at` of an earlier subscription. */
  at?: string;
  /** Of the request for events; "same-origin" unless said otherwise. */
  credentials?: RequestCredentials;
  /** Events are missing. */
  reset?: (reset: Reset) => void;
  /** Who is in a channel that notes it; of a large crowd the count alone is known. */
  presence?: (channel: string, users: Set<string>, count: number) => void;
  state?: (state: State) => void;
  /** Channels may not be subscribed: the status of the answer, or a word. */
  refused?: (channels: string[], reason: number | string) => void;
}

export type Listener<T = unknown> = (data: T, id: string, channel: string) => void;

export interface Live {
  readonly state: State;
  readonly channels: string[];
  readonly at: string;
  present(channel: string): Set<string>;
  /** Listen to a channel, or to "*" for all; returns what ends it. */
  on<T = unknown>(channel: string, listener: Listener<T>): () => void;
  add(channel: string, at?: string): void;
  remove(channel: string): void;
  connect(): void;
  close(): void;
}

export function subscribe(channels: string | string[], options?: Options): Live;
