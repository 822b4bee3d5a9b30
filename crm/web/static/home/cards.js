// The cards of Home, by order. wide ones take the whole row. A module exports
// card(context) → { node, close?() }, or nothing if there is nothing to say.
export const cards = [
  { order: 1, wide: true, load: () => import('../welcome/card.js') },
  { order: 30, load: () => import('../assist/next.js') },
  { order: 10, wide: true, load: () => import('./numbers.js') },
  { order: 20, load: () => import('./mine.js') },
  { order: 30, load: () => import('./attention.js') },
  { order: 50, load: () => import('./changes.js') },
];
