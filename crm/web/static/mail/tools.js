// What helps to write a letter, as buttons in it: {title, icon, load}. A module
// exports run(context, {kind, record, target, letter, say}): letter.get() and
// letter.set({subject, text}) are what is written; say(text) tells a fault.
export const tools = [
  { title: 'Draft', icon: 'ask', load: () => import('../assist/mailtool.js') },
];
