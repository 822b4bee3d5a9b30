// The entry of a timeline that a search led to, and the words of it that were
// looked for.
import { spans } from '../typed.js';

const name = 'found';
const patience = 60_000; // ms

// reveal brings the entry's node into view, unfolded, with what was typed marked.
export async function reveal(node, typed) {
  node.classList.add('found');
  node.tabIndex = -1;
  await node.unfold?.();
  await shown(node);
  const ranges = [...node.querySelectorAll('.entrysubject, .entrybody')].flatMap((part) => inside(part, typed));
  if (CSS.highlights) CSS.highlights.set(name, new Highlight(...ranges));
  node.focus({ preventScroll: true });
  const scroller = node.closest('.scroller');
  const box = (ranges[0] ?? node).getBoundingClientRect();
  if (scroller) scroller.scrollTop += box.top - scroller.getBoundingClientRect().top - scroller.clientHeight / 3;
}

// unmark takes the marks away.
export const unmark = () => CSS.highlights?.delete(name);

// shown waits until a node is in the page, which may still be on its way.
async function shown(node) {
  for (const end = Date.now() + patience; !node.isConnected && Date.now() < end;) await new Promise((done) => requestAnimationFrame(done));
}

function inside(part, typed) {
  const ranges = [];
  const texts = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    for (const [begin, end] of spans(texts.currentNode.data, typed)) {
      const range = document.createRange();
      range.setStart(texts.currentNode, begin);
      range.setEnd(texts.currentNode, end);
      ranges.push(range);
    }
  }
  return ranges;
}
