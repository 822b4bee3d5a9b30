// Signing in with Google: the browser goes there and comes back with a code,
// which Firebase takes. Nothing of Google's is loaded here.
import { Problem } from '../api.js';
import { el } from '../dom.js';

const name = 'google';

// googleButton goes to Google; back is where the studio is opened afterwards.
export function googleButton(fire, authUrl, back) {
  const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
  const button = el('button', { type: 'button', class: 'button wide', 'data-testid': 'google', onclick: leave }, 'Continue with Google');
  async function leave() {
    button.disabled = true;
    fault.hidden = true;
    try {
      const { authUri, sessionId } = await fire.startGoogle();
      sessionStorage.setItem(name, JSON.stringify({ sessionId, back }));
      location.assign(new URL(authUri, new URL(authUrl, location.origin)));
    } catch (problem) {
      fault.textContent = problem.message;
      fault.hidden = false;
    } finally {
      button.disabled = false; // for who comes back by the browser's own button
    }
  }
  return el('div', { class: 'other' }, button, fault, el('p', { class: 'or', 'aria-hidden': 'true' }, 'or'));
}

// fromGoogle is what Google answered, if the address is that of coming back:
// {requestUri, sessionId, fault, back}. It is read once.
export function fromGoogle() {
  const query = new URLSearchParams(location.search);
  if (location.pathname !== '/login' || !query.has('state')) return null;
  const left = JSON.parse(sessionStorage.getItem(name) ?? 'null');
  sessionStorage.removeItem(name);
  return { requestUri: location.href, sessionId: left?.sessionId, back: left?.back ?? '/', fault: faultOf(query, left) };
}

function faultOf(query, left) {
  if (query.get('error') === 'access_denied') return 'You did not go on with Google. Nothing has changed.';
  if (query.has('error')) return 'Google could not sign you in. Try again in a moment.';
  return left ? '' : 'This sign-in was begun in another window, or too long ago. Begin again here.';
}

// signedInByGoogle proves with Google's answer who somebody is.
export async function signedInByGoogle(fire, { requestUri, sessionId }) {
  const proof = await fire.finishGoogle(requestUri, sessionId);
  if (proof.needConfirmation) throw new Problem(400, { title: 'There is an account with this address and a password. Sign in with the password.' });
  return proof;
}
