// The five reports: what each asks for, shows and saves.
import { el } from '../dom.js';
import { plainNumber, short, sums } from '../money.js';
import { columns, stripe, taper } from './charts.js';

const listed = (filter) => `/deals?filter=${encodeURIComponent(JSON.stringify(filter))}`;

// figure is a number that opens the list that it counts.
const figure = (count, filter, text = String(count)) => (count ? el('a', { href: listed(filter), 'data-nav': true }, text) : el('span', { class: 'zero' }, text));

const month = new Intl.DateTimeFormat(undefined, { month: 'short' });
const longMonth = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric' });
const first = (name) => new Date(`${name}-15T12:00:00`);

// mainCurrency is the one of most deals: charts can show one only.
function mainCurrency(lists) {
  const counts = {};
  for (const s of lists.flat()) counts[s.currency] = (counts[s.currency] ?? 0) + s.count;
  return Object.entries(counts).sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'USD';
}
const of = (list, currency, member = 'amountMinor') => list.find((s) => s.currency === currency)?.[member] ?? 0;
const axis = (currency) => (value) => short(value, currency);
const plain = (list, member = 'amountMinor') => list.map((s) => `${plainNumber(s[member], s.currency) || 0} ${s.currency}`).join(' + ');

function table(heads, rows) {
  return el('table', { class: 'figures' },
    el('thead', {}, el('tr', {}, heads.map((text, at) => el(text ? 'th' : 'td', { scope: text ? 'col' : null, class: at ? 'number' : null }, text)))),
    el('tbody', {}, rows.map((row) => el('tr', {}, row.map((value, at) => (at ? el('td', { class: 'number' }, value) : el('th', { scope: 'row', dir: 'auto' }, value)))))));
}
const other = (lists, currency) => (lists.flat().some((s) => s.currency !== currency) ? el('p', { class: 'muted small' }, `The chart shows ${currency}; amounts of other currencies are in the table.`) : null);
const key = (...entries) => el('p', { class: 'key' }, entries.map(([name, text]) => el('span', {}, el('i', { class: name }), text)));

const pipeline = {
  name: 'pipeline', title: 'Pipeline', text: 'What is in each open stage now.', needs: 'Needs an open deal.',
  some: (r) => r.count > 0,
  draw(r) {
    const currency = mainCurrency(r.stages.map((s) => s.sums));
    const most = Math.max(...r.stages.map((s) => of(s.sums, currency)));
    return [
      el('p', { class: 'headline' }, figure(r.count, r.filter, `${r.count} open`), el('b', {}, sums(r.sums) || '–'), el('span', { class: 'muted' }, `${sums(r.sums, 'weightedMinor') || 0} weighted`)),
      table(['Stage', '', 'Deals', 'Amount', 'Stale', 'Days in it'], r.stages.map((s) => [s.name, stripe(of(s.sums, currency), most, of(s.sums, currency, 'weightedMinor')),
        figure(s.count, s.filter), sums(s.sums) || '–', figure(s.stale, s.staleFilter), s.left ? el('span', { title: `Average of ${s.left} that left it in this time` }, s.averageDays.toFixed(1)) : '–'])),
      key(['whole', 'amount'], ['inner', 'weighted by the chance']),
    ];
  },
  rows: (r) => [['Stage', 'Chance %', 'Deals', 'Amount', 'Weighted', 'Stale', 'Left in this time', 'Average days'], ...r.stages.map((s) => [s.name, s.probability, s.count, plain(s.sums), plain(s.sums, 'weightedMinor'), s.stale, s.left, s.averageDays.toFixed(2)])],
  sample: { count: 14, filter: {}, sums: [{ currency: 'USD', count: 14, amountMinor: 21800000, weightedMinor: 9300000 }], stages: [['Lead', 6, 90, 9], ['Qualified', 4, 62, 16], ['Proposal', 3, 48, 24], ['Negotiation', 1, 18, 13]].map(([name, count, a, w]) => ({ name, count, stale: 0, left: 0, sums: [{ currency: 'USD', count, amountMinor: a * 1e5, weightedMinor: w * 1e5 }], filter: {}, staleFilter: {} })) },
};

const wonLost = {
  name: 'won-lost', title: 'Won and lost', text: 'By the month in which deals were closed.', needs: 'Needs a deal that is won or lost.',
  some: (r) => r.won.count + r.lost.count > 0,
  draw(r) {
    const currency = mainCurrency([r.won.sums, r.lost.sums]);
    const rate = r.won.count / (r.won.count + r.lost.count);
    return [
      el('p', { class: 'headline' }, figure(r.won.count, r.won.filter, `${r.won.count} won`), el('b', {}, sums(r.won.sums) || '–'), el('span', { class: 'muted' }, figure(r.lost.count, r.lost.filter, `${r.lost.count} lost`), `, ${Math.round(rate * 100)} % won`)),
      columns(r.months.map((m) => ({ label: month.format(first(m.month)), values: [of(m.won.sums, currency), of(m.lost.sums, currency)], href: [listed(m.won.filter), listed(m.lost.filter)] })),
        { classes: ['won', 'lost'], format: axis(currency), label: `${r.won.count} deals won and ${r.lost.count} lost over ${r.months.length} months` }),
      key(['won', 'won'], ['lost', 'lost']), other([r.won.sums, r.lost.sums], currency),
      el('details', {}, el('summary', {}, 'Months in numbers'), table(['Month', 'Won', 'Amount', 'Lost', 'Amount'], r.months.toReversed().map((m) => [longMonth.format(first(m.month)), figure(m.won.count, m.won.filter), sums(m.won.sums) || '–', figure(m.lost.count, m.lost.filter), sums(m.lost.sums) || '–']))),
      r.reasons.length ? el('div', { class: 'reasons' }, el('h3', {}, 'Why deals were lost'), table(['Reason', '', 'Deals'], r.reasons.map((one) => [one.reason || 'No reason given', stripe(one.count, r.reasons[0].count), figure(one.count, one.filter)]))) : null,
    ];
  },
  rows: (r) => [['Month', 'Won', 'Won amount', 'Lost', 'Lost amount'], ...r.months.map((m) => [m.month, m.won.count, plain(m.won.sums), m.lost.count, plain(m.lost.sums)])],
  sample: { reasons: [], won: { count: 21, sums: [], filter: {} }, lost: { count: 13, sums: [], filter: {} }, months: [8, 11, 7, 14, 12, 18].map((n, at) => ({ month: `2026-0${at + 4}`, won: { count: n, sums: [{ currency: 'USD', count: n, amountMinor: n * 2e5 }], filter: {} }, lost: { count: 4, sums: [{ currency: 'USD', count: 4, amountMinor: (16 - n / 2) * 1e5 }], filter: {} } })) },
};

const buckets = (r) => [...r.months.map((m) => [longMonth.format(first(m.month)), m]), ['Later', r.later], ['Without a date', r.undated], ['Overdue', r.overdue]];

const forecast = {
  name: 'forecast', title: 'Forecast', text: 'Open deals by the month in which they should close.', needs: 'Needs an open deal with an expected close.',
  some: (r) => buckets(r).some(([, one]) => one.count),
  draw(r) {
    const currency = mainCurrency(buckets(r).map(([, one]) => one.sums));
    return [
      r.overdue.count ? el('p', { class: 'headline' }, figure(r.overdue.count, r.overdue.filter, `${r.overdue.count} overdue`), el('b', {}, sums(r.overdue.sums))) : null,
      columns(r.months.map((m) => ({ label: month.format(first(m.month)), values: [of(m.sums, currency), of(m.sums, currency, 'weightedMinor')], href: [listed(m.filter), listed(m.filter)] })),
        { classes: ['whole', 'inner'], stacked: true, format: axis(currency), label: 'What open deals may bring in the next six months' }),
      key(['whole', 'amount'], ['inner', 'weighted by the chance']), other(buckets(r).map(([, one]) => one.sums), currency),
      table(['Expected', 'Deals', 'Amount', 'Weighted'], buckets(r).filter(([, one]) => one.count || one.month).map(([name, one]) => [name, figure(one.count, one.filter), sums(one.sums) || '–', sums(one.sums, 'weightedMinor') || '–'])),
    ];
  },
  rows: (r) => [['Expected', 'Deals', 'Amount', 'Weighted'], ...buckets(r).map(([name, one]) => [name, one.count, plain(one.sums), plain(one.sums, 'weightedMinor')])],
  sample: { overdue: { count: 0, sums: [] }, later: { count: 0, sums: [] }, undated: { count: 0, sums: [] }, months: [12, 19, 15, 9, 6, 4].map((n, at) => ({ month: `2026-0${at + 4}`, count: n, filter: {}, sums: [{ currency: 'USD', count: n, amountMinor: n * 1e6, weightedMinor: n * 5e5 - at * 2e5 }] })) },
};

const funnel = {
  name: 'funnel', title: 'Funnel', text: 'How far the deals got that were added in this time.', needs: 'Needs a deal that was added in this time.',
  some: (r) => r.steps[0]?.count > 0,
  draw(r) {
    const whole = r.steps[0].count;
    return [el('div', { class: 'funnelbox' },
      taper(r.steps.map((s) => s.count / whole), `${whole} deals, of which ${r.steps.at(-1).count} were won`),
      table(['Reached', 'Deals', 'Of those before', 'Of all'], r.steps.map((s, at) => [s.name, figure(s.count, s.filter), at ? `${Math.round(s.rate * 100)} %` : '', `${Math.round((s.count / whole) * 100)} %`])))];
  },
  rows: (r) => [['Stage', 'Deals', 'Of those before %'], ...r.steps.map((s) => [s.name, s.count, (s.rate * 100).toFixed(1)])],
  sample: { steps: [['Lead', 40, 0], ['Qualified', 26, 0.65], ['Proposal', 17, 0.65], ['Negotiation', 11, 0.65], ['Won', 7, 0.64]].map(([name, count, rate]) => ({ name, count, rate, filter: {} })) },
};

const did = ['calls', 'meetings', 'emails', 'notes', 'moves'];

const activity = {
  name: 'activity', title: 'Activity', text: 'Who called, met, wrote and moved deals how often.', needs: 'Needs a call, a meeting, an e-mail or a note.',
  some: (r) => r.members.length > 0,
  draw(r) {
    const total = (m) => did.reduce((sum, name) => sum + m[name], 0);
    const most = Math.max(...r.members.map(total));
    return [table(['Member', '', 'Calls', 'Meetings', 'E-mails', 'Notes', 'Moves', 'Won'], r.members.toSorted((a, b) => total(b) - total(a)).map((m) => [m.name, stripe(total(m), most), ...did.map((name) => m[name] || el('span', { class: 'zero' }, '0')), figure(m.won, m.wonFilter)]))];
  },
  rows: (r) => [['Member', 'Calls', 'Meetings', 'E-mails', 'Notes', 'Moves', 'Won'], ...r.members.map((m) => [m.name, ...did.map((name) => m[name]), m.won])],
  sample: { members: [['Ana', 18, 6, 24, 9, 11, 3], ['Ben', 12, 4, 15, 7, 8, 2]].map(([name, calls, meetings, emails, notes, moves, won]) => ({ name, calls, meetings, emails, notes, moves, won, wonFilter: {} })) },
};

export const parts = [pipeline, wonLost, forecast, funnel, activity];
