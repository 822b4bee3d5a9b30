// Duplicates, from anywhere.
export const run = (context) => context.go('/duplicates');
