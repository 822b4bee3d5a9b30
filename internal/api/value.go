package api

// Ptr returns a pointer to a copy of v, for optional members.
func Ptr[T any](v T) *T { return &v }

// Val returns what p points to, or the zero value when the member is absent.
func Val[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// Or returns what p points to, or def when the member is absent.
func Or[T any](p *T, def T) T {
	if p == nil {
		return def
	}
	return *p
}
