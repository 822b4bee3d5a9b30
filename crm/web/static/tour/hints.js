// The hints of the tour. target is what a hint points at, on the page at path;
// touch is said instead of text where there is no keyboard to speak of.
export const hints = [
  { path: '/', target: '[data-testid="palette"], .pocket', title: 'Find anything', text: 'Press Ctrl K, or ⌘K, wherever you are: people, companies, deals, and everything that can be done.', touch: 'Search is in here, wherever you are: people, companies, deals, and everything that can be done.' },
  { path: '/', target: '[data-testid="create"]', title: 'Add in a breath', text: 'Press C, then P for a person, C for a company, D for a deal, T for a task. A name is enough to begin.', touch: 'A person, a company, a deal, a task: a name is enough to begin.' },
  { path: '/people', target: '.place .bar h1, .place .tabs', title: 'Through a list', text: 'J and K go from row to row, Enter opens one, Escape comes back to where you were.', touch: 'Touch a row to open it, and go back to where you were. Filters and groups are in the bar above the list.' },
  { path: '/deals', target: '.board, .place .bar h1', title: 'Move a deal along', text: 'Drag a card with the mouse or a finger. By keyboard: Space lifts it, the arrows carry it, Space puts it down.', touch: 'Hold a card until it lifts, then carry it to another stage.' },
  { path: '/', target: '[data-testid="ask"], .rail .user, .pocket', title: 'And if you forget', text: 'Ask finds records in your own words. The question mark shows every key that works on the page you are on. Z undoes what you did last.', touch: 'Ask, in here, finds records in your own words. What you did last can be undone in the notice at the foot of the page.' },
];
