// The first steps, from anywhere.
export const run = (context) => context.go('/welcome');
