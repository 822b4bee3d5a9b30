// Cards dragged by mouse, pen or finger. A mouse drags at once, a finger after
// it has rested on the card, so that swiping still scrolls.
const slack = 5; // px that a mouse may move in a click
const rest = 350; // ms that a finger rests
const edge = 56; // px from an edge in which the board scrolls

// drag makes the cards in root draggable.
export function drag(board, root) {
  let hold = null; // a pointer that is down on a card
  let active = null; // the card that is dragged
  let frame = 0;

  function down(event) {
    const slot = event.target.closest('.slot');
    if (!slot || event.button || active || !event.isPrimary || !board.context.can('member')) return;
    hold = { slot, id: event.pointerId, x: event.clientX, y: event.clientY, touch: event.pointerType === 'touch' };
    if (hold.touch) hold.timer = setTimeout(begin, rest);
  }
  function begin() {
    const { slot, x, y, touch } = hold;
    if (!slot.isConnected) { drop(); return; } // it was drawn anew under the finger
    const box = slot.getBoundingClientRect();
    const copy = slot.cloneNode(true);
    copy.classList.add('flying');
    copy.style.width = `${box.width}px`;
    copy.removeAttribute('data-id');
    copy.setAttribute('aria-hidden', 'true');
    document.body.append(copy);
    slot.classList.add('gap');
    root.classList.add('dragging');
    active = { slot, copy, deal: board.dealOf(slot.dataset.id), dx: x - box.left, dy: y - box.top };
    if (touch) navigator.vibrate?.(12);
    follow(x, y);
    board.say(`${active.deal.title} is lifted.`);
    frame = requestAnimationFrame(scroll);
  }
  function move(event) {
    if (!hold || event.pointerId !== hold.id) return;
    const far = Math.hypot(event.clientX - hold.x, event.clientY - hold.y);
    if (!active && hold.touch && far > slack * 2) { drop(); return; } // it scrolls
    if (!active && !hold.touch && far > slack) begin();
    if (active) { follow(event.clientX, event.clientY); event.preventDefault(); }
  }
  function follow(x, y) {
    Object.assign(active, { x, y });
    active.copy.style.transform = `translate(${x - active.dx}px, ${y - active.dy}px) rotate(1.5deg)`;
    const over = board.lanes.find(({ node }) => { const box = node.getBoundingClientRect(); return x >= box.left && x <= box.right; });
    for (const { node } of board.lanes) node.classList.toggle('over', node === over?.node);
    active.lane = over ?? null;
    if (!over) return;
    const middle = y - active.dy + active.copy.offsetHeight / 2;
    const next = [...over.list.children].find((other) => {
      if (other === active.slot) return false;
      const box = other.getBoundingClientRect();
      return middle < box.top + box.height / 2;
    });
    if (active.slot.parentNode !== over.list || active.slot.nextSibling !== (next ?? null)) over.list.insertBefore(active.slot, next ?? null);
  }
  // scroll moves the board, and a lane, while a card is held at their edge.
  function scroll() {
    if (!active) return;
    const box = root.getBoundingClientRect();
    const speed = (at, from, to) => (at < from + edge ? at - from - edge : at > to - edge ? at - to + edge : 0) / 4;
    root.scrollLeft += speed(active.x, box.left, box.right);
    const list = active.lane?.scroll;
    if (list) {
      const inner = list.getBoundingClientRect();
      list.scrollTop += speed(active.y, inner.top, inner.bottom);
    }
    frame = requestAnimationFrame(scroll);
  }
  function up(event) {
    if (!hold || event.pointerId !== hold.id) return;
    if (!active) { drop(); return; }
    const { deal, slot, lane } = active;
    const afterId = slot.previousElementSibling?.dataset.id ?? null;
    drop(Boolean(lane));
    document.addEventListener('click', swallow, { capture: true, once: true });
    setTimeout(() => document.removeEventListener('click', swallow, { capture: true }), 0);
    if (!lane || !board.moved(deal, lane.stage.id, afterId)) return;
    board.say(`${deal.title} is in ${lane.stage.name}.`);
    board.place(deal, lane.stage, afterId);
  }
  const swallow = (event) => { event.preventDefault(); event.stopPropagation(); };

  // drop ends the drag; the card goes back unless it is kept where it is.
  function drop(keep) {
    clearTimeout(hold?.timer);
    cancelAnimationFrame(frame);
    hold = null;
    if (!active) return;
    const { slot, copy, deal } = active;
    active = null;
    copy.remove();
    slot.classList.remove('gap');
    root.classList.remove('dragging');
    for (const { node } of board.lanes) node.classList.remove('over');
    if (!keep) board.show(board.dealOf(deal.id) ?? deal); // where its rank says
  }
  function key(event) {
    if (event.key !== 'Escape' || !active) return;
    event.preventDefault();
    event.stopPropagation();
    drop(false);
    board.say('Put back.');
  }
  const cancel = () => drop(false);
  const still = (event) => { if (active) event.preventDefault(); }; // a finger that drags does not scroll
  root.addEventListener('pointerdown', down);
  root.addEventListener('dragstart', (event) => event.preventDefault());
  root.addEventListener('contextmenu', (event) => { if (hold?.touch) event.preventDefault(); });
  root.addEventListener('touchmove', still, { passive: false });
  addEventListener('pointermove', move);
  addEventListener('pointerup', up);
  addEventListener('pointercancel', cancel);
  addEventListener('keydown', key, true);
  return {
    get active() { return active; },
    close() {
      drop(false);
      removeEventListener('pointermove', move);
      removeEventListener('pointerup', up);
      removeEventListener('pointercancel', cancel);
      removeEventListener('keydown', key, true);
    },
  };
}
