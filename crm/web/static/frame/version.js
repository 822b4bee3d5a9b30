// Notices that a newer studio has been rolled out, and offers to load it.
import { toast } from '../toast.js';

const often = 5 * 60_000; // ms between two looks
const mine = new URL(import.meta.url).pathname.split('/')[2];

export function start() {
  let last = Date.now();
  let offered = false;
  async function look() {
    if (document.visibilityState !== 'visible' || offered || Date.now() - last < often) return;
    last = Date.now();
    const answer = await fetch('/', { method: 'HEAD' }).catch(() => null);
    const version = answer?.headers.get('Studio-Version');
    if (!version || version === mine) return;
    offered = true;
    toast('A newer version is here', { sticky: true, action: { label: 'Reload', run: () => location.reload() } });
  }
  document.addEventListener('visibilitychange', look);
  return () => document.removeEventListener('visibilitychange', look);
}
