package trace

// A Repeat tells the requests of one Idempotency-Key apart.
type Repeat struct {
	Key     [32]byte // a sum of the key
	Request [16]byte // of this request alone
	Path    string   // that it is sent to
}

// SetRepeat notes the request's key, before work begins.
func (t *Trace) SetRepeat(r Repeat) {
	if t != nil {
		t.repeat = &r
	}
}

// Repeat is what SetRepeat noted, once for each transaction; nil if that was
// nothing, or if it was asked for within tx before. A transaction that is tried
// again is another one: what the first wrote is gone.
func (t *Trace) Repeat(tx any) *Repeat {
	if t == nil || t.repeat == nil || t.asked == tx {
		return nil
	}
	t.asked = tx
	return t.repeat
}

// Noted says that tx has asked for the request's key, to write it down.
func (t *Trace) Noted(tx any) bool { return t != nil && t.asked == tx }

// Key is the request's key as SetRepeat noted it, or nil.
func (t *Trace) Key() *Repeat {
	if t == nil {
		return nil
	}
	return t.repeat
}
