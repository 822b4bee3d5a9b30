// Cards moved by the keyboard: Space lifts one, arrows move it, Space puts it
// down, Escape puts it back. Without a lifted card arrows go from card to card.
export function lift(board, root) {
  let active = null; // {deal, slot, home}

  const laneAt = (slot) => board.lanes.findIndex(({ list }) => list === slot.parentNode);
  const spot = (slot) => `${board.lanes[laneAt(slot)].stage.name}, place ${[...slot.parentNode.children].indexOf(slot) + 1} of ${slot.parentNode.children.length}`;

  function begin(slot) {
    const deal = board.dealOf(slot.dataset.id);
    if (!deal || !board.context.can('member')) return;
    active = { deal, slot };
    slot.classList.add('lifted');
    board.say(`${deal.title} is lifted. It is in ${spot(slot)}.`);
  }
  function shift(dx, dy) {
    const { slot } = active;
    if (dy < 0 && slot.previousElementSibling) slot.previousElementSibling.before(slot);
    else if (dy > 0 && slot.nextElementSibling) slot.nextElementSibling.after(slot);
    else if (dx) {
      const next = board.lanes[laneAt(slot) + dx];
      if (!next) { board.say('There is no further stage.'); return; }
      const place = [...slot.parentNode.children].indexOf(slot);
      next.list.insertBefore(slot, next.list.children[place] ?? null);
    }
    slot.firstChild.focus();
    slot.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    board.say(spot(slot));
  }
  function put() {
    const { deal, slot } = active;
    const { stage } = board.lanes[laneAt(slot)];
    const afterId = slot.previousElementSibling?.dataset.id ?? null;
    const where = spot(slot);
    end();
    if (!board.moved(deal, stage.id, afterId)) { board.say(`${deal.title} stays in ${where}.`); return; }
    board.say(`${deal.title} is put down in ${where}.`);
    board.place(deal, stage, afterId).then(() => root.querySelector(`[data-id="${deal.id}"] a`)?.focus({ preventScroll: true }));
  }
  function back() {
    const { deal } = active;
    end();
    board.show(board.dealOf(deal.id) ?? deal); // where its rank says
    const slot = root.querySelector(`[data-id="${deal.id}"]`);
    slot?.firstChild.focus();
    if (slot) board.say(`${deal.title} is back in ${spot(slot)}.`);
  }
  function end() {
    active.slot.classList.remove('lifted');
    active = null;
  }
  // walk goes to another card.
  function walk(slot, dx, dy) {
    let target = dy < 0 ? slot.previousElementSibling : dy > 0 ? slot.nextElementSibling : null;
    for (let at = laneAt(slot) + dx; dx && !target && board.lanes[at]; at += dx) {
      const { children } = board.lanes[at].list;
      target = children[Math.min([...slot.parentNode.children].indexOf(slot), children.length - 1)];
    }
    target?.firstChild.focus();
    target?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
  root.addEventListener('keydown', (event) => {
    const slot = event.target.closest('.slot');
    if (!slot || event.metaKey || event.ctrlKey || event.altKey) return;
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], h: [-1, 0], l: [1, 0], k: [0, -1], j: [0, 1] };
    if (event.key in arrows) (active ? shift : (dx, dy) => walk(slot, dx, dy))(...arrows[event.key]);
    else if (event.key === ' ') (active ? put : () => begin(slot))();
    else if (active && event.key === 'Enter') put();
    else if (active && event.key === 'Escape') back();
    else if (!active) return;
    event.preventDefault();
    event.stopPropagation();
  });
  root.addEventListener('focusout', (event) => {
    if (active && event.relatedTarget && !active.slot.contains(event.relatedTarget)) back();
  });
  return { get active() { return active; } };
}
