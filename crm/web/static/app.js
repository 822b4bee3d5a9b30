// The studio: finds out who is there, and draws the frame around the page
// that the address names, or the way in.
import * as api from './api.js';
import { el } from './dom.js';
import { frame } from './frame/frame.js';
import { forget } from './recent.js';
import { go, stop } from './router.js';
import { forgetUndo, toast } from './toast.js';

const root = document.getElementById('app');
const ranks = ['viewer', 'member', 'admin', 'owner'];
let inside = false;

api.onSignedOut(() => { if (inside) enter('Your session has ended. Sign in to go on.'); });

const patience = 2000; // ms until what could not be had is asked for again
let waiting;

async function begin() {
  clearTimeout(waiting);
  // A link from a mail, or Google's answer, is looked at first, whoever is signed in.
  if (location.pathname === '/login' && /[?&](oobCode|state)=/.test(location.search)) { await enter(); return; }
  try {
    const [me, { items: members }] = await Promise.all([api.me(), api.members()]);
    if (inside) stop(); // begun anew: pages that are shown are of before
    inside = true;
    frame(root, contextOf(me, members));
  } catch (problem) {
    if (problem.status === 401) { await enter(); return; }
    if (!problem.status) throw problem;
    waiting = setTimeout(begin, patience);
    if (document.getElementById('away')) return;
    document.title = 'ApexAI CRM';
    root.replaceChildren(el('main', { class: 'alone', id: 'away' }, el('div', { class: 'card' },
      el('h1', {}, 'Back in a moment'), el('p', { role: 'alert' }, problem.message),
      el('button', { class: 'button primary wide', onclick: begin }, 'Try again'))));
  }
}

// contextOf is what every page is given.
function contextOf(me, members) {
  return {
    me, members, go, leave,
    // can says whether the user's role is at least this one.
    can: (role) => ranks.indexOf(me.role) >= ranks.indexOf(role),
    // who is a member's name.
    who: (id) => members.find((member) => member.id === id)?.name ?? 'Somebody',
    // reload begins anew, after the workspace or the members have changed.
    reload: begin,
  };
}

async function enter(note) {
  inside = false;
  stop();
  forgetUndo();
  const { showSignIn } = await import('./signin/signin.js');
  return showSignIn(root, begin, note);
}

async function leave() {
  await api.signOut().catch(() => {}); // the session may be gone already
  forget();
  history.replaceState(null, '', '/');
  enter();
}

// unloaded says that a part of the studio could not be fetched, if that is the fault.
const unloaded = (fault) => fault instanceof TypeError && /module/i.test(fault.message)
  && (navigator.onLine ? 'This could not be loaded. A newer version may be here: reload the page.' : 'You are offline, and this was not loaded yet.');

// What nobody caught is said, rather than lost.
addEventListener('unhandledrejection', (event) => {
  const problem = event.reason;
  const words = problem?.status ? problem.status !== 401 && problem.message : unloaded(problem);
  if (words) { event.preventDefault(); toast(words, { bad: true }); }
});
begin();
