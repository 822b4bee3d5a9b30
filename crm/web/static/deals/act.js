// What is done to a deal's stage, from the board and from its page.
import { get, post } from '../api.js';
import { announce, change } from '../edit.js';
import { toast } from '../toast.js';
import { whyLost } from './lost.js';

const at = (deal, what) => `/deals/${deal.id}/${what}`;

// move takes a deal into a stage behind another, or to its top. It is shown at
// once; patch says how it looks then. Lost ones are asked why.
export async function move(context, deal, stage, { afterId = null, rank, show, silent }) {
  let lostReason = '';
  if (stage.kind === 'lost' && stage.id !== deal.stageId) {
    const reason = await whyLost(deal);
    if (!reason) { show(deal); return deal; }
    lostReason = reason;
  }
  const patch = { stageId: stage.id, stageName: stage.name, status: stage.kind, rank, ...(stage.id === deal.stageId ? {} : { stale: false, stageEnteredAt: new Date().toISOString(), lostReason }) };
  const send = (record) => post(at(record, 'move'), { stageId: stage.id, afterId, lostReason }, { version: record.version });
  return settle(context, deal, patch, { show, send, silent });
}

const turns = new Map(); // id → the last move of a deal that is on its way

// settle sends one move. A second one of the same deal waits for the first,
// so that nobody is in conflict with himself; what is shown is the last.
async function settle(context, deal, patch, { show, send, silent }) {
  const earlier = turns.get(deal.id);
  const turn = {};
  turns.set(deal.id, turn);
  show({ ...deal, ...patch });
  const draw = (record) => { if (turns.get(deal.id) === turn) show(record); };
  const work = (async () => change(earlier ? await earlier.done : deal, patch, { show: draw, send, who: context.who }))();
  turn.done = work.catch(() => deal);
  try {
    const saved = await work;
    if (turns.get(deal.id) === turn) announce('deals', saved.id, saved);
    if (!silent && saved.stageId !== deal.stageId) told(context, deal, saved, show);
    return saved;
  } catch (problem) {
    toast(`“${deal.title}” stays where it was: ${problem.message}`, { bad: true });
    return deal;
  } finally {
    if (turns.get(deal.id) === turn) turns.delete(deal.id);
  }
}

function told(context, before, saved, show) {
  const text = saved.status === 'won' ? `Won: ${saved.title}` : saved.status === 'lost' ? `Lost: ${saved.title}` : `${saved.title} is in ${saved.stageName}`;
  toast(text, { undo: async () => {
    const now = await get(`/deals/${saved.id}`);
    const back = await post(at(now, 'move'), { stageId: before.stageId, lostReason: before.lostReason }, { version: now.version });
    show(back);
    announce('deals', back.id, back);
  } });
}

// close takes a deal to its pipeline's stage of a kind: won, or lost.
export function close(context, deal, kind, stages, show) {
  const stage = stages.find((one) => one.kind === kind);
  if (!stage || deal.status === kind) return Promise.resolve(deal);
  return move(context, deal, stage, { rank: '', show });
}

// reopen takes a won or lost deal back to where it was.
export async function reopen(context, deal, show) {
  try {
    const { version } = await (turns.get(deal.id)?.done ?? deal); // after what is on its way
    const saved = await post(at(deal, 'reopen'), undefined, { version });
    show(saved);
    announce('deals', saved.id, saved);
    toast(`${saved.title} is open again, in ${saved.stageName}`);
    return saved;
  } catch (problem) {
    toast(problem.message, { bad: true });
    return deal;
  }
}
