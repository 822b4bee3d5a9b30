// Writes the letter that is open, for what its subject or its text says it is for.
import { writeDraft } from './draft.js';

export async function run(context, { target, letter, say }) {
  const before = letter.get();
  const purpose = (before.text.trim() || before.subject).slice(0, 1000);
  if (!target) { say('Open the letter from a person, company or deal: a draft needs to know whom it is about.'); return; }
  try {
    await writeDraft(target, { purpose }, (now) => letter.set(now.text ? now : { subject: now.subject }));
  } catch (problem) {
    if (!letter.get().text.trim()) letter.set(before);
    say([problem.body?.title, problem.body?.detail ?? problem.message].filter(Boolean).join(': '));
  }
}
