// The line that says that the server cannot be reached, until it can.
import { me, onReach } from '../api.js';
import { el } from '../dom.js';

const wait = 3000; // ms between two tries

// awayLine makes the line; it asks by itself whether the server is back.
export function awayLine() {
  const line = el('p', { class: 'away', role: 'status', hidden: true });
  let timer;
  function tell(there) {
    line.hidden = there;
    line.textContent = there ? '' : navigator.onLine ? 'The server cannot be reached. What you see may be old.' : 'You are offline. What you see may be old.';
    clearTimeout(timer);
    if (!there) timer = setTimeout(() => { me().catch(() => {}); }, wait);
  }
  onReach((there) => { if (!there || !line.hidden) tell(there); });
  addEventListener('offline', () => tell(false));
  addEventListener('online', () => { me().catch(() => {}); });
  return line;
}
