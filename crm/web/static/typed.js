// What of a text fits what somebody typed to find it.

// plain is text without case and accents.
export const plain = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

const word = /[\p{L}\p{N}\p{M}]+/gu;

// spans are the places [begin, end] in text of words that begin as a typed one does.
export function spans(text, typed) {
  const wanted = plain(typed).match(word) ?? [];
  return [...text.matchAll(word)].filter(([found]) => wanted.some((one) => plain(found).startsWith(one))).map((found) => [found.index, found.index + found[0].length]);
}
