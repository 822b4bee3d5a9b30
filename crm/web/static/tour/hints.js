// The hints of the tour. target is what a hint points at, on the page at path.
export const hints = [
  { path: '/', target: '[data-testid="palette"], .pocket', title: 'Find anything', text: 'Press Ctrl K, or ⌘K, wherever you are: people, companies, deals, and everything that can be done.' },
  { path: '/', target: '[data-testid="create"]', title: 'Add in a breath', text: 'Press C, then P for a person, C for a company, D for a deal, T for a task. A name is enough to begin.' },
  { path: '/people', target: '.place .bar h1, .place .tabs', title: 'Lists by keyboard', text: 'J and K go from row to row, Enter opens one, Escape comes back to where you were.' },
  { path: '/deals', target: '.board, .place .bar h1', title: 'Move a deal along', text: 'Drag a card with the mouse or a finger. By keyboard: Space lifts it, the arrows carry it, Space puts it down.' },
  { path: '/', target: '[data-testid="ask"], .rail .user, .pocket', title: 'And if you forget', text: 'The question mark shows every key that works on the page you are on. Z undoes what you did last.' },
];
