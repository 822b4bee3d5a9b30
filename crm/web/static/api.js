// The CRM's API, as this page uses it.

// A Problem is an answer of the API other than the one hoped for.
export class Problem extends Error {
  constructor(status, body) {
    super(body.errors?.[0]?.message ?? body.detail ?? body.title ?? `The server answered ${status}`);
    this.status = status;
    this.body = body;
  }
}

let signedOut = () => {};

// onSignedOut sets what happens when the session turns out to have ended.
export function onSignedOut(fn) { signedOut = fn; }

let reach = () => {};

// onReach sets what is told whether the server can be reached.
export function onReach(fn) { reach = fn; }

const patience = [300, 900, 2000]; // ms before asking again
const remembered = 120_000; // ms in which the same again is meant as a repetition
const base = '/api/v1';
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone; // where today is, if the profile does not say

// A key lets the server know a repetition, so that nothing is made twice.
const freshKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');

const flying = new Map(); // what is being posted → its answer to come
const unsure = new Map(); // what was posted without any answer → its key

const brokenOff = () => new Problem(503, { title: 'The answer broke off', detail: 'The server restarts, or the network does not hold. What came so far is kept; ask again' });
const unreachable = () => new Response(JSON.stringify({ title: 'The server cannot be reached' }), { status: 503 });

// send makes a request; it asks again where that is safe and may help.
async function send(method, path, { body, version, signal, query, headers = {}, accept } = {}) {
  const raw = body instanceof FormData || body instanceof Blob;
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== '' && value !== undefined && value !== null && value !== false);
  const url = `${base}${path}${given.length ? `?${new URLSearchParams(given)}` : ''}`;
  const all = { ...headers };
  if (zone) all['X-Time-Zone'] ??= zone;
  if (accept) all.Accept = accept;
  if (body !== undefined && !raw) all['Content-Type'] = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  if (method === 'POST') all['Idempotency-Key'] ??= freshKey();
  if (version) all['If-Match'] = `"v${version}"`;
  for (let attempt = 0; ; attempt++) {
    let response;
    try {
      response = await fetch(url, { method, headers: all, signal, body: body === undefined || raw ? body : JSON.stringify(body) });
      reach(true);
    } catch (fault) {
      if (fault.name === 'AbortError') throw fault;
      response = unreachable();
      reach(false);
    }
    if (response.ok) return response;
    const passing = [502, 503, 504].includes(response.status) || (response.status === 409 && response.headers.has('Retry-After'));
    if (passing && (method === 'GET' || method === 'POST') && attempt < patience.length) {
      await new Promise((wake) => setTimeout(wake, patience[attempt]));
      continue;
    }
    const problem = new Problem(response.status, await response.json().catch(() => ({})));
    if (response.status === 401) signedOut(problem);
    throw problem;
  }
}

async function request(method, path, options) {
  const response = await send(method, path, options);
  return response.status === 204 ? null : response.json();
}

// Calls of the API: paths are below /api/v1, options {query, version, signal,
// headers}. version is of the record that was read, and goes into If-Match.
// What is not answered with 2xx is thrown as a Problem.
export const get = (path, options) => request('GET', path, options);
export const put = (path, body, options) => request('PUT', path, { ...options, body });
export const patch = (path, body, options) => request('PATCH', path, { ...options, body });
export const remove = (path, options) => request('DELETE', path, options);

// post makes something once, however often it is pressed: the same again while
// the first is on its way has the first's answer, and soon after one that never
// answered it is sent as a repetition of that.
export function post(path, body, options = {}) {
  if (options.signal || body instanceof Blob || body instanceof FormData) return request('POST', path, { ...options, body });
  const same = JSON.stringify([path, body, options.query, options.version]);
  if (!flying.has(same)) flying.set(same, postOnce(same, path, body, options).finally(() => flying.delete(same)));
  return flying.get(same);
}

async function postOnce(same, path, body, options) {
  const before = unsure.get(same);
  const key = before?.until > Date.now() ? before.key : freshKey();
  unsure.delete(same);
  try {
    return await request('POST', path, { ...options, body, headers: { 'Idempotency-Key': key, ...options.headers } });
  } catch (problem) {
    if (problem.status >= 500) unsure.set(same, { key, until: Date.now() + remembered });
    throw problem;
  }
}

// upload sends a file, and values beside it, as a form. progress(0…1) is told how far it is.
export function upload(path, file, { values = {}, progress, signal, method = 'POST' } = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(values)) form.append(name, value);
  form.append('file', file);
  return new Promise((done, fail) => {
    const call = new XMLHttpRequest();
    call.open(method, `${base}${path}`);
    call.setRequestHeader('Idempotency-Key', freshKey());
    call.responseType = 'json';
    call.upload.onprogress = (event) => progress?.(event.loaded / event.total);
    call.onerror = () => fail(new Problem(503, { title: 'The server cannot be reached' }));
    call.onabort = () => fail(new DOMException('stopped', 'AbortError'));
    call.onload = () => {
      if (call.status < 300) { done(call.response); return; }
      const problem = new Problem(call.status, call.response ?? {});
      if (call.status === 401) signedOut(problem);
      fail(problem);
    };
    signal?.addEventListener('abort', () => call.abort());
    call.send(form);
  });
}

// stream sends body and calls on(event, data) for each server-sent event of the
// answer; it resolves when the answer ends.
export async function stream(path, body, on, { signal, method = 'POST' } = {}) {
  const response = await send(method, path, { body, signal, accept: 'text/event-stream' });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read().catch((fault) => { throw fault.name === 'AbortError' ? fault : brokenOff(); });
    if (done) return;
    const blocks = (rest + value.replaceAll('\r', '')).split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) event(block, on);
  }
}

function event(block, on) {
  let name = 'message';
  const data = [];
  for (const line of block.split('\n')) {
    if (line.startsWith('event:')) name = line.slice(6).trim();
    if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
  }
  if (data.length) on(name, JSON.parse(data.join('\n')));
}

export const me = () => get('/auth/me');
export const methods = () => get('/auth/methods');
export const signOut = () => remove('/auth/session');
export const members = () => get('/members');

// records gives the calls of one kind of record.
export const records = (kind) => ({
  list: (query, signal) => get(`/${kind}`, { query, signal }),
  get: (id) => get(`/${kind}/${id}`),
  create: (draft) => post(`/${kind}`, draft),
  update: (id, version, values) => patch(`/${kind}/${id}`, values, { version }),
  remove: (id, version) => remove(`/${kind}/${id}`, { version }),
  restore: (id) => post(`/${kind}/${id}/restore`),
});
