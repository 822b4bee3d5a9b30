// Money: whole numbers of a currency's smallest unit, as the API has them.
const formats = new Map();

function format(currency, compact) {
  const key = currency + compact;
  if (!formats.has(key)) {
    formats.set(key, new Intl.NumberFormat(undefined, compact
      ? { style: 'currency', currency, notation: 'compact', maximumSignificantDigits: 3, currencyDisplay: 'narrowSymbol' }
      : { style: 'currency', currency, trailingZeroDisplay: 'stripIfInteger', currencyDisplay: 'narrowSymbol' }));
  }
  return formats.get(key);
}

// places are the digits behind the point in which a currency is written. The
// API counts in the units of ISO 4217, which are not always the locale's.
const without = new Set('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'.split(' '));
const three = new Set('BHD IQD JOD KWD LYD OMR TND'.split(' '));
export const places = (currency) => (without.has(currency) ? 0 : three.has(currency) ? 3 : 2);

const major = (minor, currency) => minor / 10 ** places(currency);

// money is an amount as people read it; short leaves out what a card has no room for.
export const money = (minor, currency) => format(currency, false).format(major(minor, currency));
export const short = (minor, currency) => format(currency, Math.abs(major(minor, currency)) >= 10000).format(major(minor, currency));

// sums are the amounts of several currencies beside each other.
export const sums = (list, member = 'amountMinor') => list.filter((s) => s[member]).map((s) => short(s[member], s.currency)).join(' + ');

// plainNumber is an amount as it is typed.
export const plainNumber = (minor, currency) => (minor ? (minor / 10 ** places(currency)).toFixed(minor % 10 ** places(currency) ? places(currency) : 0) : '');

// parseAmount reads what people type: 1250, 1,250.50, 1.250,50, 12k. It gives
// minor units, 0 for nothing, and null for what is no amount.
export function parseAmount(text, currency) {
  const clean = text.replace(/[\s'’\u00a0\u202f]/g, '').replace(/^\p{Sc}|\p{Sc}$/gu, '');
  if (!clean) return 0;
  const found = /^(\d[\d.,]*)([km]?)$/i.exec(clean);
  if (!found) return null;
  let [, digits, unit] = found;
  const last = Math.max(digits.lastIndexOf('.'), digits.lastIndexOf(','));
  const marks = digits.replace(/\d/g, '');
  // One mark before exactly three digits groups thousands, unless the currency has three.
  const groups = last < 0 || (new Set(marks).size === 1 && (marks.length > 1 || (digits.length - last === 4 && places(currency) !== 3)));
  digits = groups ? digits.replace(/[.,]/g, '') : `${digits.slice(0, last).replace(/[.,]/g, '')}.${digits.slice(last + 1)}`;
  const minor = Math.round(Number(digits) * (unit ? (unit.toLowerCase() === 'k' ? 1e3 : 1e6) : 1) * 10 ** places(currency));
  return Number.isSafeInteger(minor) ? minor : null;
}

// The currencies that are offered first; any code of ISO 4217 can be typed.
export const common = ['USD', 'EUR', 'GBP', 'CHF', 'JPY', 'CAD', 'AUD', 'SEK', 'NOK', 'DKK', 'PLN', 'CZK', 'INR', 'CNY', 'BRL', 'MXN', 'ZAR', 'SGD', 'AED', 'ILS'];
