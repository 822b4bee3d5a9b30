// Whether somebody has taken the tour, remembered in this browser.
const nameOf = (context) => `tour-${context.me.user.id}`;

export const tourTaken = (context) => localStorage.getItem(nameOf(context)) !== null;

export function takeTour(context) { localStorage.setItem(nameOf(context), 'taken'); }
