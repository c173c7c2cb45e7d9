/**
 * Listens to channels of praxis.realtime, in order and once, also over interruptions.
 *
 *     import { subscribe } from "/static/praxis/realtime.js";
 *     const live = subscribe(["orders"], { reset: reload });
 *     live.on("orders", (data) => show(data));
 *
 * A plain ES module without dependencies; the types are in realtime.d.ts. It reads Server-Sent
 * Events by fetch, which, other than EventSource, sees why it is refused; or it opens a WebSocket.
 */

const DEFAULTS = { url: "/events/", transport: "sse", at: "", credentials: "same-origin" };
const NOWHERE = "_";
const MAX_WAIT_MS = 30_000;
/** So many heartbeats may be missing before a connection counts as dead. */
const BEATS = 2.5;
/** Answers after which asking again is of no use: it is the request that is wrong. */
const isFinal = (status) => status >= 400 && status < 500 && status !== 408 && status !== 429;

/** Subscribe channels; see `Options` in realtime.d.ts. */
export function subscribe(channels, options = {}) {
  const live = new Live([].concat(channels), { ...DEFAULTS, ...options });
  queueMicrotask(() => live.connect()); // so that whoever subscribes can add its listeners first
  return live;
}

class Live {
  #options;
  #positions = new Map();
  #listeners = new Map();
  #present = new Map();
  #state = "new";
  #stop = null;
  #timer = 0;
  #watch = 0;
  #failures = 0;
  #retryMs = 2000;
  #heartbeatMs = 15_000;
  #isClosed = false;
  #socket = null;

  constructor(channels, options) {
    this.#options = options;
    const at = options.at ? options.at.split(".") : [];
    const names = [...new Set(channels)].sort();
    names.forEach((name, index) => this.#positions.set(name, at[index] || NOWHERE));
    if (typeof addEventListener === "function") {
      addEventListener("online", this.#hurry);
      addEventListener("pageshow", this.#hurry);
      addEventListener("pagehide", this.#leave);
    }
  }

  /** "connecting", "live", "interrupted", "waiting", "refused" or "closed". */
  get state() {
    return this.#state;
  }

  /** The names that are subscribed. */
  get channels() {
    return [...this.#positions.keys()].sort();
  }

  /** Where we are, to go on from later: the option `at` of `subscribe`. */
  get at() {
    return this.channels.map((name) => this.#positions.get(name)).join(".");
  }

  /** Who is in a channel that notes it, by their keys. */
  present(channel) {
    return new Set(this.#present.get(channel));
  }

  /** Call back with each event of a channel, its id and the channel; return the way out. */
  on(channel, listener) {
    const all = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, all.add(listener));
    return () => all.delete(listener);
  }

  /** Subscribe a further channel. */
  add(channel, at = NOWHERE) {
    if (this.#positions.has(channel)) return;
    this.#positions.set(channel, at);
    if (this.#socket?.readyState === 1) {
      const wanted = { [channel]: at === NOWHERE ? null : at };
      this.#socket.send(JSON.stringify({ type: "subscribe", channels: wanted }));
    } else {
      this.#again(0);
    }
  }

  /** Listen to a channel no more. */
  remove(channel) {
    if (!this.#positions.delete(channel)) return;
    this.#present.delete(channel);
    if (this.#socket?.readyState === 1) {
      this.#socket.send(JSON.stringify({ type: "unsubscribe", channels: [channel] }));
    } else {
      this.#again(0);
    }
  }

  /** End it. */
  close() {
    this.#isClosed = true;
    this.#halt();
    this.#become("closed");
    if (typeof removeEventListener === "function") {
      removeEventListener("online", this.#hurry);
      removeEventListener("pageshow", this.#hurry);
      removeEventListener("pagehide", this.#leave);
    }
  }

  /** Connect now, if it is not. */
  connect() {
    if (this.#isClosed || this.#stop || !this.#positions.size) return;
    clearTimeout(this.#timer);
    this.#become("connecting");
    const names = this.channels;
    const query = new URLSearchParams(names.map((name) => ["channel", name]));
    if (names.some((name) => this.#positions.get(name) !== NOWHERE)) query.set("last", this.at);
    const base = typeof location === "object" ? location.href : undefined;
    const url = new URL(this.#options.url, base);
    query.forEach((value, name) => url.searchParams.append(name, value));
    if (this.#options.transport === "websocket") this.#openSocket(url);
    else this.#openStream(url, names);
  }

  async #openStream(url, names) {
    const abort = new AbortController();
    this.#stop = () => abort.abort();
    const isOurs = () => !abort.signal.aborted;
    this.#watchOver();
    try {
      const response = await fetch(url, {
        headers: { Accept: "text/event-stream" },
        credentials: this.#options.credentials,
        cache: "no-store",
        signal: abort.signal,
      });
      if (!isOurs()) return;
      if (response.status !== 200) {
        await response.body?.cancel();
        return this.#refused(response.status, Number(response.headers.get("Retry-After")) * 1000);
      }
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done || !isOurs()) break;
        this.#watchOver();
        const blocks = (rest + value).split("\n\n");
        rest = blocks.pop();
        for (const block of blocks) {
          const fields = parse(block);
          if (fields.data !== undefined && isOurs()) this.#takeFields(fields, names);
        }
      }
    } catch (error) {
      if (isOurs() && !(error instanceof TypeError)) this.#report(error);
    }
    if (isOurs()) this.#again();
  }

  #openSocket(url) {
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    this.#socket = socket;
    this.#stop = () => {
      this.#socket = null;
      socket.close();
    };
    const isOurs = () => this.#socket === socket;
    this.#watchOver();
    socket.onmessage = ({ data }) => {
      if (!isOurs()) return;
      this.#watchOver();
      const { type, channel, id, data: payload, at, ...rest } = JSON.parse(data);
      if (type) this.#takeNotice(type, { ...rest, channel, at });
      else this.#takeEvent(channel, payload, id);
    };
    socket.onclose = ({ code }) => {
      if (!isOurs()) return;
      if (code === 1008) this.#refused(403);
      else this.#again();
    };
  }

  #takeFields({ id = "", event, data }, names) {
    const ids = id ? id.split(".") : [];
    const at = Object.fromEntries(names.map((name, index) => [name, ids[index] ?? NOWHERE]));
    if (event.startsWith("praxis.")) this.#takeNotice(event, { ...JSON.parse(data), at });
    else this.#takeEvent(event, JSON.parse(data), at[event]);
  }

  #takeEvent(channel, data, id) {
    if (!this.#positions.has(channel)) return;
    this.#positions.set(channel, id);
    for (const name of [channel, "*"]) {
      for (const listener of this.#listeners.get(name) ?? []) {
        this.#call(listener, data, id, channel);
      }
    }
  }

  #takeNotice(type, data) {
    switch (type) {
      case "praxis.ready":
        this.#failures = 0;
        this.#retryMs = data.retry_ms ?? this.#retryMs;
        this.#heartbeatMs = data.heartbeat_ms ?? this.#heartbeatMs;
        this.#adopt(data.at);
        return this.#become("live");
      case "praxis.beat":
        if (this.#differs(data.at)) this.#again(0); // something between swallowed events
        return;
      case "praxis.reset":
        this.#adopt(data.at, data.channel);
        return this.#call(this.#options.reset, without(data, "at"));
      case "praxis.interrupted":
        return this.#become("interrupted");
      case "praxis.live":
        this.#adopt(data.at, null, true);
        return this.#become("live");
      case "praxis.presence":
        return this.#takePresence(data);
      case "praxis.drain":
        return this.#again(data.retry_ms);
      case "praxis.dropped":
        if (data.reason === "forbidden") this.#refused(403);
        else this.#again();
        return;
      case "praxis.refused":
        for (const name of data.channels) this.#positions.delete(name);
        return this.#call(this.#options.refused, data.channels, data.reason);
    }
  }

  #takePresence({ channel, here, joined = [], left = [], count }) {
    const users = here === undefined ? new Set(this.#present.get(channel)) : new Set(here);
    joined.forEach((user) => users.add(user));
    left.forEach((user) => users.delete(user));
    this.#present.set(channel, users);
    this.#call(this.#options.presence, channel, users, here === null ? count : users.size);
  }

  /** Take over where the server says that we are. */
  #adopt(at = {}, only = null, isNewOnly = false) {
    for (const [name, position] of Object.entries(at)) {
      const isWanted = only === null || only === name;
      const isNew = this.#positions.get(name) === NOWHERE;
      if (this.#positions.has(name) && isWanted && (isNew || !isNewOnly)) {
        this.#positions.set(name, position ?? NOWHERE);
      }
    }
  }

  #differs(at = {}) {
    return Object.entries(at).some(
      ([name, position]) => (this.#positions.get(name) ?? position) !== (position ?? NOWHERE),
    );
  }

  #refused(status, retryMs = 0) {
    if (!isFinal(status)) return this.#again(retryMs || undefined);
    this.#halt();
    this.#become("refused");
    this.#call(this.#options.refused, this.channels, status);
  }

  /** Connect again: after a time that was given, or one that grows with the failures. */
  #again(waitMs) {
    this.#halt();
    if (this.#isClosed) return;
    const grown = Math.min(this.#retryMs * 2 ** this.#failures, MAX_WAIT_MS);
    if (waitMs === undefined) this.#failures += 1;
    const wait = waitMs ?? grown * (0.5 + Math.random());
    this.#become("waiting");
    this.#timer = setTimeout(() => this.connect(), wait);
  }

  #halt() {
    clearTimeout(this.#timer);
    clearTimeout(this.#watch);
    const stop = this.#stop;
    this.#stop = null;
    stop?.();
  }

  #watchOver() {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#again(), this.#heartbeatMs * BEATS);
  }

  #hurry = (event) => {
    const isBack = event.type !== "pageshow" || event.persisted;
    if (isBack && this.#state !== "live" && this.#state !== "refused") this.#again(0);
  };

  #leave = () => {
    if (!this.#isClosed) this.#halt();
    this.#become("waiting");
  };

  #become(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.#call(this.#options.state, state);
  }

  #call(listener, ...values) {
    try {
      listener?.(...values);
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error) {
    if (typeof reportError === "function") reportError(error);
    else console.error(error);
  }
}

function parse(block) {
  const fields = {};
  for (const line of block.split("\n")) {
    const colon = line.indexOf(": ");
    if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 2);
  }
  return fields;
}

function without(data, name) {
  const { [name]: _, ...rest } = data;
  return rest;
}

/**
 * <praxis-live channels="orders user:5" url="/events/"> for templates: events of the page.
 *
 * It dispatches "praxis-event", "praxis-reset", "praxis-presence" and "praxis-state", which bubble.
 */
if (typeof customElements === "object" && !customElements.get("praxis-live")) {
  customElements.define(
    "praxis-live",
    class extends HTMLElement {
      connectedCallback() {
        const say = (name, detail) =>
          this.dispatchEvent(new CustomEvent(`praxis-${name}`, { detail, bubbles: true }));
        this.live = subscribe((this.getAttribute("channels") ?? "").split(" ").filter(Boolean), {
          url: this.getAttribute("url") ?? DEFAULTS.url,
          transport: this.getAttribute("transport") ?? DEFAULTS.transport,
          at: this.getAttribute("at") ?? "",
          reset: (detail) => say("reset", detail),
          presence: (channel, users, count) => say("presence", { channel, users, count }),
          state: (state) => say("state", { state }),
          refused: (channels, reason) => say("refused", { channels, reason }),
        });
        this.live.on("*", (data, id, channel) => say("event", { channel, data, id }));
      }

      disconnectedCallback() {
        this.live.close();
      }
    },
  );
}
