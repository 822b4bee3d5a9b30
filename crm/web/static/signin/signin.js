// The way in: signing in, making an account, a forgotten password, the links
// that come by mail, and an invite that brings somebody here.
import { get, methods, post } from '../api.js';
import { el, style } from '../dom.js';
import { demoAccounts } from './demo.js';
import { firebase } from './firebase.js';
import { form } from './form.js';
import { fromGoogle, googleButton, signedInByGoogle } from './google.js';

style(import.meta.url, './signin.css');

// showSignIn shows the card and calls done when somebody is in.
export async function showSignIn(root, done, note, came = arrived()) {
  document.title = 'Sign in · ApexAI CRM';
  const place = el('div', { class: 'doors' }, el('p', { class: 'muted' }, 'One moment…'));
  const title = el('h1', {}, 'ApexAI CRM');
  const lead = el('p', { class: 'lead' }, note ?? 'Everyone you work with, and what comes next.');
  root.replaceChildren(el('main', { class: 'alone' }, el('div', { class: 'card way' },
    el('img', { class: 'mark', src: new URL('../icon.svg', import.meta.url).pathname, alt: '', width: 44, height: 44 }), title, lead, place)));
  try {
    const ways = await methods();
    const invite = /^\/invite\/([^/]+)$/.exec(location.pathname)?.[1];
    const invitation = invite ? await get(`/invitations/${invite}`).catch(() => null) : null;
    if (invite) greet(title, lead, invitation);
    const way = { ways, fire: firebase(ways, came.back), place, lead, invite: invitation ? invite : '', invitation, back: came.back, done: () => { leavePath(); done(); } };
    if (!ways.authUrl) place.replaceChildren(el('p', { class: 'muted' }, 'No way to sign in is set up on this installation yet.'));
    else await begin(way, came);
  } catch (problem) {
    if (!problem.status) throw problem;
    place.replaceChildren(el('p', { class: 'fault', role: 'alert' }, problem.message),
      el('button', { class: 'button wide', onclick: () => showSignIn(root, done, note, came) }, 'Try again'));
  }
}

// arrived is what the address asks for: {mode, code} of a link from a mail,
// google's answer, or nothing. What is secret in it leaves the address, which
// becomes that of the page to go to afterwards, back.
function arrived() {
  const query = new URLSearchParams(location.pathname === '/login' ? location.search : '');
  const google = fromGoogle();
  const code = query.get('oobCode');
  let back = location.pathname === '/login' ? '/' : location.pathname + location.search;
  if (google) back = google.back;
  if (code) back = ownPath(query.get('continueUrl'));
  history.replaceState(history.state, '', back);
  return { mode: code ? query.get('mode') : '', code, google, back };
}

// ownPath is the path of an address of this studio, or else '/'.
function ownPath(address) {
  const at = new URL(URL.canParse(address) ? address : location.origin);
  return at.origin === location.origin && at.pathname !== '/login' ? at.pathname + at.search : '/';
}

// leavePath forgets an address that is for signing in only.
function leavePath() {
  if (location.pathname === '/login' || location.pathname.startsWith('/invite/')) history.replaceState(null, '', '/');
}

function greet(title, lead, invitation) {
  title.textContent = invitation ? `Join ${invitation.workspace}` : 'This invite is no longer good';
  lead.textContent = invitation
    ? `${invitation.inviter} invites you to work together as ${invitation.role}. Sign in or make an account.`
    : 'It was used or withdrawn, or it has expired. Ask for another, or sign in as before.';
}

// begin shows what the address asked for: a link from a mail, Google's answer,
// or the form.
async function begin(way, { mode, code, google }) {
  if (mode === 'resetPassword') return newPassword(way, code);
  try {
    if (mode === 'verifyEmail') {
      const { email } = await way.fire.verify(code);
      return signIn(way, { email }, 'Your address is verified. Sign in to go on.');
    }
    if (google?.fault) return signIn(way, {}, google.fault);
    if (google) {
      const { idToken, email } = await signedInByGoogle(way.fire, google);
      return await session(way, idToken, email);
    }
  } catch (problem) {
    if (!problem.status) throw problem;
    return signIn(way, {}, problem.message);
  }
  return way.invitation ? signUp(way, { email: way.invitation.email }) : signIn(way);
}

function show(way, said, ...nodes) {
  if (said) way.lead.textContent = said;
  way.place.replaceChildren(...nodes.filter(Boolean));
  [...way.place.querySelectorAll('input')].find((input) => !input.value)?.focus();
}

// open says whether a way to sign in is switched on.
const open = (way, provider) => way.ways.providers.includes(provider);

const others = (way) => (open(way, 'google.com') ? googleButton(way.fire, way.ways.authUrl, way.back) : null);

const link = (text, onclick) => el('button', { type: 'button', class: 'link', onclick }, text);

async function signIn(way, values, said) {
  const demo = way.ways.demoUrl && !way.invite ? demoAccounts(way.ways.demoUrl, (account) => enter(way, account)) : null;
  if (!open(way, 'password')) { show(way, said, others(way), demo); return; }
  const node = form(['email', 'password'], 'Sign in', (typed) => enter(way, typed), values);
  show(way, said, others(way), node, el('p', { class: 'turns' },
    link('Make an account', () => signUp(way, typedIn(node))), link('Forgot the password?', () => forgot(way, typedIn(node)))), demo);
}

const typedIn = (node) => ({ email: new FormData(node).get('email') });

function signUp(way, values) {
  if (!open(way, 'password')) return signIn(way, values);
  const node = form(['name', 'email', 'fresh'], 'Make an account', async ({ name, email, fresh }) => {
    const made = await way.fire.signUp(name, email, fresh);
    const mail = await way.fire.sendVerification(made.idToken).catch(() => ({})); // can be asked for again
    await session(way, made.idToken, email, mail.oobLink);
  }, values);
  show(way, null, others(way), node, el('p', { class: 'turns' }, link('Sign in with an account you have', () => signIn(way, typedIn(node)))));
}

async function enter(way, { email, password }) {
  const proof = await way.fire.signIn(email, password);
  await session(way, proof.idToken, email);
}

// session exchanges a proof for a session. An invite for an address asks for
// the proof that the address is theirs.
async function session(way, idToken, email, oobLink) {
  try {
    await post('/auth/session', { idToken, invite: way.invite });
  } catch (problem) {
    if (!problem.body?.type?.endsWith('/unverified')) throw problem;
    const mail = oobLink ? { oobLink } : await way.fire.sendVerification(idToken);
    mailed(way, email, 'to verify that the address is yours. Open its link, then sign in here.', mail.oobLink);
    return;
  }
  way.done();
}

function forgot(way, values) {
  const node = form(['email'], 'Send a link', async ({ email }) => {
    const { oobLink } = await way.fire.sendReset(email);
    mailed(way, email, 'if there is an account. Open its link to choose a new password.', oobLink);
  }, values);
  show(way, 'A link to choose a new password comes by mail.', node, el('p', { class: 'turns' }, link('Back', () => signIn(way, typedIn(node)))));
}

// mailed says that a mail is on its way. A stand-in sends none: it gives the
// link itself, which is then shown for what it is.
function mailed(way, email, purpose, oobLink) {
  show(way, `A mail is on its way to ${email}, ${purpose}`,
    oobLink ? el('p', { class: 'standin' }, 'Development: nothing is mailed. ', el('a', { class: 'link', href: oobLink, 'data-testid': 'mailed' }, 'Open the link')) : null,
    el('button', { class: 'button wide', onclick: () => signIn(way, { email }) }, 'Sign in'));
}

function newPassword(way, code) {
  show(way, 'Choose a new password.', form(['fresh'], 'Set the password', async ({ fresh }) => {
    const { email } = await way.fire.reset(code, fresh);
    await signIn(way, { email }, 'The password is set. Sign in with it.');
  }));
}
