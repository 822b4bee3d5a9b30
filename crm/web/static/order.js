// Answers that come in another order than they were asked for.

// inOrder asks and shows: what was asked earlier than that which is shown
// already comes too late, and is left out.
export function inOrder(ask, show) {
  let asked = 0;
  let shown = 0;
  return async (...given) => {
    const mine = ++asked;
    const answer = await ask(...given);
    if (mine < shown) return;
    shown = mine;
    show(answer);
  };
}
