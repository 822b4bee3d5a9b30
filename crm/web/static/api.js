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

const patience = [300, 900, 2000]; // ms before asking again

// A key lets the server know a repetition, so that nothing is made twice.
const freshKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');

async function request(method, path, { body, version, signal } = {}) {
  const headers = {};
  if (body !== undefined) headers['Content-Type'] = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  if (method === 'POST') headers['Idempotency-Key'] = freshKey();
  if (version) headers['If-Match'] = `"v${version}"`;
  for (let attempt = 0; ; attempt++) {
    let response;
    try {
      response = await fetch(`/api/v1${path}`, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
    } catch (fault) {
      if (fault.name === 'AbortError') throw fault;
      response = new Response(JSON.stringify({ title: 'The server cannot be reached' }), { status: 503 });
    }
    if (response.ok) return response.status === 204 ? null : response.json();
    const passing = [502, 503, 504].includes(response.status);
    if (passing && (method === 'GET' || method === 'POST') && attempt < patience.length) {
      await new Promise((wake) => setTimeout(wake, patience[attempt]));
      continue;
    }
    const problem = new Problem(response.status, await response.json().catch(() => ({})));
    if (response.status === 401) signedOut(problem);
    throw problem;
  }
}

export const me = () => request('GET', '/auth/me');
export const methods = () => request('GET', '/auth/methods');
export const signIn = (name, email) => request('POST', '/auth/session', { body: { name, email } });
export const signOut = () => request('DELETE', '/auth/session');
export const members = () => request('GET', '/members');

// records gives the calls of one kind of record.
export function records(kind) {
  return {
    list(query, signal) {
      const given = Object.entries(query).filter(([, value]) => value);
      return request('GET', `/${kind}?${new URLSearchParams(given)}`, { signal });
    },
    get: (id) => request('GET', `/${kind}/${id}`),
    create: (draft) => request('POST', `/${kind}`, { body: draft }),
    update: (id, version, patch) => request('PATCH', `/${kind}/${id}`, { body: patch, version }),
    remove: (id, version) => request('DELETE', `/${kind}/${id}`, { version }),
    restore: (id) => request('POST', `/${kind}/${id}/restore`),
  };
}
