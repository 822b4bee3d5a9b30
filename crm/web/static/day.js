// Days of the calendar, YYYY-MM-DD, which are the same in every time zone.
const two = (n) => String(n).padStart(2, '0');

// dayOf is the day of a moment where the user is.
export const dayOf = (date = new Date()) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

// dateOf is noon of a day, so that no change of clocks moves it to another one.
export const dateOf = (day) => new Date(`${day}T12:00:00`);

// daysUntil is how many days away a day is; below 0 it has passed.
export const daysUntil = (day, from = dayOf()) => Math.round((Date.parse(day) - Date.parse(from)) / 86400000);

// addDays is the day so many days later.
export function addDays(day, by) {
  const date = dateOf(day);
  date.setDate(date.getDate() + by);
  return dayOf(date);
}

const near = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const far = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });

// shortDay is a day as people write it; the year only if it is another one.
export const shortDay = (day) => (day.slice(0, 4) === dayOf().slice(0, 4) ? near : far).format(dateOf(day));
