package deals

// Check judges a draft as Add does, without adding anything.
func (d *Draft) Check() error { return d.check() }
