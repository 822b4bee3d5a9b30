// The list that a record was opened from, so that [ and ] go along it.
let trail = { kind: '', ids: [] };

export function setTrail(kind, ids) { trail = { kind, ids }; }

// neighbour is the id by so many places further, if there is one.
export function neighbour(kind, id, by) {
  const at = trail.kind === kind ? trail.ids.indexOf(id) : -1;
  return at < 0 ? undefined : trail.ids[at + by];
}
