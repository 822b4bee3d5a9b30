// What this page itself does to many records at once: it shows that anyway, so
// that it needs no telling.
const lasts = 5000; // ms in which the news of it may still come
const late = 60_000; // ms more, if they say that it was this user

let until = 0;

// ownMass says that many records change now because this page asked for it.
export function ownMass() { until = Date.now() + lasts; }

// massively says so for as long as work goes on, and resolves as it does.
export async function massively(work) {
  const timer = setInterval(ownMass, lasts / 2);
  ownMass();
  try {
    return await work;
  } finally {
    clearInterval(timer);
    ownMass();
  }
}

// isOwnMass is whether many records change so, or just did; mine: by the user who is here.
export const isOwnMass = (mine) => Date.now() < until + (mine ? late : 0);
