// How well a command fits what was typed.
import { plain } from '../typed.js';

// score is 0 if some word of the query is in no word of the title; words that
// begin with it count more than those that only have its letters in order.
export function score(query, title) {
  const words = plain(title).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  let points = 0;
  for (const wanted of plain(query).split(/\s+/).filter(Boolean)) {
    const best = Math.max(0, ...words.map((word, i) => (word.startsWith(wanted) ? 10 - Math.min(i, 5) : word.includes(wanted) ? 3 : inOrder(wanted, word) ? 1 : 0)));
    if (!best) return 0;
    points += best;
  }
  return points;
}

function inOrder(letters, word) {
  let at = 0;
  for (const c of word) if (c === letters[at]) at++;
  return letters.length > 2 && at === letters.length;
}
