// What others do, as it happens: the studio's one socket.
//
// After every break the client asks the API what it missed, and tells that to
// whoever listens as if it had just happened: versions say what is news.
import { get, me } from './api.js';
import { io } from './vendor/socket.io.js';

const listeners = new Map(); // event → its functions
const watched = new Map(); // "kind id" → { kind, id, count, users, told }
const states = new Set();
let socket = null;
let cursor = null;
let state = 'off';

// on calls fn(payload) for each event of a name; it returns what ends that.
export function on(event, fn) {
  if (!listeners.has(event)) listeners.set(event, new Set());
  listeners.get(event).add(fn);
  return () => listeners.get(event).delete(fn);
}

// onState tells fn whether the socket is 'live', 'away', or 'off'.
export function onState(fn) {
  states.add(fn);
  fn(state);
  return () => states.delete(fn);
}

// watch tells others that the user looks at a record; it returns what ends
// that. kind is as the API names it.
export function watch(kind, id) {
  const name = `${kind} ${id}`;
  const one = watched.get(name) ?? { kind, id, count: 0, users: [], told: new Set() };
  watched.set(name, one);
  if (++one.count === 1) ask(one);
  return () => {
    if (--one.count) return;
    watched.delete(name);
    if (socket?.connected) socket.emit('record.unwatch', { kind, id });
  };
}

// presence calls fn(users) with the ids of who looks at a record, whenever
// that changes, and watches it meanwhile.
export function presence(kind, id, fn) {
  const unwatch = watch(kind, id);
  const one = watched.get(`${kind} ${id}`);
  one.told.add(fn);
  fn(one.users);
  return () => { one.told.delete(fn); unwatch(); };
}

// connect opens the socket; it returns what closes it.
export function connect() {
  const mine = io({ transports: ['websocket'], reconnectionDelay: 300, reconnectionDelayMax: 5000, randomizationFactor: 0.5 });
  socket = mine;
  mine.on('connect', () => { tell('live'); for (const one of watched.values()) ask(one); catchUp(); });
  mine.on('disconnect', () => tell('away'));
  mine.on('connect_error', () => { tell('away'); if (!mine.active) again(mine); });
  mine.onAny(hear);
  return () => { mine.disconnect(); if (socket === mine) { socket = null; cursor = null; tell('off'); } };
}

// again: the server sent the user away. If the session has ended the way in is
// shown; else there was a mistake, which passes.
function again(mine) {
  me().then(() => setTimeout(() => mine.connect(), 5000), () => {});
}

// rejoin opens the socket again after the server has closed it, for another session.
export const rejoin = () => { socket?.disconnect().connect(); };

function hear(event, payload) {
  if (payload?.cursor > cursor) cursor = payload.cursor;
  if (event === 'presence') seen(watched.get(`${payload.kind} ${payload.id}`), payload.users);
  if (event === 'changes.missed') setTimeout(catchUp, Math.random() * 2000); // all clients hear of it at once
  if (event === 'server.draining') move(payload.within);
  for (const fn of listeners.get(event) ?? []) fn(payload);
}

// move goes to another task before this one stops, at a moment of our own.
function move(within) {
  const mine = socket;
  const id = mine.id;
  setTimeout(() => { if (mine.id === id) mine.disconnect().connect(); }, Math.random() * within);
}

function ask(one) {
  if (!socket?.connected) return;
  socket.emit('record.watch', { kind: one.kind, id: one.id }, (answer) => { if (answer.ok) seen(one, answer.users ?? []); });
}

function seen(one, users) {
  if (!one) return;
  one.users = users;
  for (const fn of one.told) fn(users);
}

function tell(next) {
  state = next;
  for (const fn of states) fn(next);
}

const nameOf = ({ kind, verb }) => {
  if (verb === 'deleted') return 'record.deleted';
  if (kind === 'deal' && verb === 'moved') return 'deal.moved';
  return kind === 'activity' && verb === 'created' ? 'activity.added' : 'record.changed';
};

async function catchUp() {
  const since = cursor;
  const missed = await get('/changes', { query: since === null ? {} : { since } }).catch(() => null);
  if (!missed) return; // the next break asks again
  cursor = Math.max(cursor ?? 0, missed.cursor);
  if (missed.more) hear('records.changed', { kind: '', count: Infinity });
  for (const one of missed.items) hear(nameOf(one), one);
}
