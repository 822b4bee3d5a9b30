// Keeps the numbers in the rail true: tasks that are due, and what is unread.
import { on } from '../live.js';
import { badge } from '../tasks/calls.js';
import { announceNewest, refresh } from './bell.js';

const often = 60_000; // ms; sooner if the server says that something is new

export function start(context) {
  const look = () => {
    if (document.hidden) return;
    badge(context).catch(() => {}); // the number will be right the next time
    refresh().catch(() => {});
  };
  const timer = setInterval(look, often);
  document.addEventListener('visibilitychange', look);
  const off = on('notification.new', () => announceNewest(context).catch(() => {}));
  look();
  return () => {
    off();
    clearInterval(timer);
    document.removeEventListener('visibilitychange', look);
  };
}
