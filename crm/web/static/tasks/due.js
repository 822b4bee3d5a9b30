// When tasks are due: words that people type turned into a date and a time,
// and the other way round.

const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const ahead = { day: 1, week: 7 };

// zoneOf is the user's time zone: the one in their profile, or the browser's.
export const zoneOf = (context) => context.me.zone || Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

// clock is what clocks and calendars in a zone show at a moment: {date, time},
// beside the zone and the moment themselves.
export function clock(zone, now = new Date()) {
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en-GB', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    .formatToParts(now).map(({ type, value }) => [type, value]));
  return { date: `${parts.year}-${parts.month}-${parts.day}`, time: `${parts.hour}:${parts.minute}`, zone, at: now };
}

// moment is when clocks in a zone show a local time, YYYY-MM-DDTHH:MM. Of one
// that comes twice it is the first; one that is skipped is as much later.
export function moment(zone, local) {
  const shown = Date.parse(`${local}:00Z`);
  const shows = (at) => { const { date, time } = clock(zone, new Date(at)); return `${date}T${time}`; };
  const offset = (at) => Date.parse(`${shows(at)}:00Z`) - Math.floor(at / 60000) * 60000;
  const first = shown - offset(shown - 86400000); // by the rules of the day before
  const other = shown - offset(first);
  return new Date(shows(first) !== local && shows(other) === local ? other : first);
}

const utc = (date) => new Date(`${date}T00:00:00Z`);
const text = (day) => day.toISOString().slice(0, 10);

// plus is a date so many days later.
export function plus(date, count) {
  const day = utc(date);
  day.setUTCDate(day.getUTCDate() + count);
  return text(day);
}

// weekday is the next such day of the week behind a date; 0 is Sunday.
export const weekday = (date, day) => plus(date, ((day - utc(date).getUTCDay() + 6) % 7) + 1);

const two = (n) => String(n).padStart(2, '0');

function timeOf(hour, minute, half) {
  let h = Number(hour);
  if (half) h = (h % 12) + (half.startsWith('p') ? 12 : 0);
  return h < 24 && Number(minute ?? 0) < 60 ? `${two(h)}:${two(Number(minute ?? 0))}` : null;
}

function dated(day, month, year, today) {
  const number = months.indexOf(month.slice(0, 3).toLowerCase()) + 1;
  const at = (y) => `${y}-${two(number)}-${two(Number(day))}`;
  let found = at(year ?? today.slice(0, 4));
  if (!year && found < today) found = at(Number(today.slice(0, 4)) + 1);
  return text(utc(found).getTime() ? utc(found) : new Date(NaN)) === found ? found : null;
}

const monthNames = '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';
const dayNames = '(mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)';

// Each rule takes its words out of the text and says what they mean.
const rules = [
  [/\bevery (day|weekday|week|month)\b/i, ([, what]) => ({ repeats: { day: 'daily', weekday: 'weekdays', week: 'weekly', month: 'monthly' }[what.toLowerCase()] })],
  [new RegExp(`\\bevery ${dayNames}\\b`, 'i'), ([, name], { date }) => ({ repeats: 'weekly', date: weekday(date, dayNumber(name)) })],
  [/\b(\d{4}-\d{2}-\d{2})\b/, ([, date]) => (text(utc(date)) === date ? { date } : null)],
  [new RegExp(`\\b(?:on )?(\\d{1,2})(?:st|nd|rd|th)? ${monthNames}(?: (\\d{4}))?\\b`, 'i'), ([, day, month, year], now) => ({ date: dated(day, month, year, now.date) })],
  [new RegExp(`\\b(?:on )?${monthNames} (\\d{1,2})(?:st|nd|rd|th)?(?:,? (\\d{4}))?\\b`, 'i'), ([, month, day, year], now) => ({ date: dated(day, month, year, now.date) })],
  [/\btoday\b/i, (_, { date }) => ({ date })],
  [/\btonight\b/i, (_, { date }) => ({ date, time: '20:00' })],
  [/\b(?:tomorrow|tmrw?|tmr)\b/i, (_, { date }) => ({ date: plus(date, 1) })],
  [/\bnext week\b/i, (_, { date }) => ({ date: weekday(date, 1) })],
  [/\bnext month\b/i, (_, { date }) => ({ date: text(new Date(Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)), 1))) })],
  [/\bin (\d{1,3}) (day|week)s?\b/i, ([, count, unit], { date }) => ({ date: plus(date, Number(count) * ahead[unit.toLowerCase()]) })],
  [/\bin (\d{1,3}) ?(h|hours?|min|minutes?)\b/i, ([, count, unit], now) => later(now, Number(count) * (unit[0].toLowerCase() === 'h' ? 60 : 1))],
  [new RegExp(`\\b(?:on |next |this )?${dayNames}\\b`, 'i'), ([, name], { date }) => ({ date: weekday(date, dayNumber(name)) })],
  [/\b(?:at )?(1[0-2]|0?[1-9])(?::([0-5]\d))? ?(am|pm|a\.m\.|p\.m\.)(?=\s|$|[,.;])/i, ([, hour, minute, half]) => ({ time: timeOf(hour, minute, half.toLowerCase()) })],
  [/\b(?:at )?([01]?\d|2[0-3]):([0-5]\d)\b/i, ([, hour, minute]) => ({ time: timeOf(hour, minute) })],
  [/\bat ([01]?\d|2[0-3])\b(?![:.\d])/i, ([, hour]) => ({ time: timeOf(Number(hour) < 8 ? Number(hour) + 12 : hour) })],
  [/\b(?:at )?noon\b/i, () => ({ time: '12:00' })],
  [/(?:^|\s)(!{1,3}|!high)(?=\s|$)/i, () => ({ priority: 'high' })],
];

const dayNumber = (name) => days.findIndex((day) => day.startsWith(name.toLowerCase().slice(0, 3)));

// later is what clocks show so many minutes on, also when they are changed meanwhile.
function later({ at, zone }, minutes) {
  const { date, time } = clock(zone, new Date(at.getTime() + minutes * 60000));
  return { date, time };
}

// understand reads "call Ana tomorrow 3pm !": what is left of it is the title.
// now is what the user's clock shows; members are who "@name" may mean.
export function understand(typed, now, members = []) {
  const found = { title: typed, dueDate: null, dueTime: null, repeats: '', priority: 'normal', assigneeId: undefined };
  for (const [pattern, meaning] of rules) {
    const match = pattern.exec(found.title);
    const means = match && meaning(match, now);
    if (!means || (means.date === null) || (means.time === null)) continue;
    if ((means.date && found.dueDate) || (means.time && found.dueTime)) continue;
    if (means.date) found.dueDate = means.date;
    if (means.time) found.dueTime = means.time;
    if (means.repeats) found.repeats = means.repeats;
    if (means.priority) found.priority = means.priority;
    found.title = found.title.slice(0, match.index) + found.title.slice(match.index + match[0].length);
  }
  for (const member of members.toSorted((a, b) => b.name.length - a.name.length)) {
    const named = [member.name, member.name.split(' ')[0]].find((name) => name && new RegExp(`(^|\\s)@${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?=\\s|$|[,.;])`, 'iu').test(found.title));
    if (!named) continue;
    found.assigneeId = member.id;
    found.title = found.title.replace(new RegExp(`(^|\\s)@${named.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`, 'iu'), '');
    break;
  }
  found.title = found.title.replace(/\s+/g, ' ').replace(/\s([,.;])/g, '$1').replace(/[\s,;]+$/, '').trim();
  if (found.dueTime && !found.dueDate) found.dueDate = found.dueTime > now.time ? now.date : plus(now.date, 1);
  if (found.repeats && !found.dueDate) found.dueDate = now.date;
  return found;
}

// dayName is a date as people say it: Today, Friday, 3 Dec.
export function dayName(date, today) {
  const apart = Math.round((utc(date) - utc(today)) / 86400000);
  if (apart === 0) return 'Today';
  if (apart === 1) return 'Tomorrow';
  if (apart === -1) return 'Yesterday';
  const style = apart > 1 && apart < 7 ? { weekday: 'long' } : { day: 'numeric', month: 'short', year: date.slice(0, 4) === today.slice(0, 4) ? undefined : 'numeric' };
  return new Intl.DateTimeFormat(undefined, { ...style, timeZone: 'UTC' }).format(utc(date));
}

// dueName is when a task is due, by the user's own clock.
export function dueName(task, zone) {
  if (!task.dueDate) return '';
  const today = clock(zone).date;
  const at = task.dueAt ? clock(zone, new Date(task.dueAt)) : { date: task.dueDate, time: task.dueTime };
  return at.time ? `${dayName(at.date, today)} ${at.time}` : dayName(at.date, today);
}
