package policy

import "sync"

// maxCompiled bounds the documents that are kept parsed. A region has hundreds;
// past the bound all are dropped and parsed again as they are asked for.
const maxCompiled = 4096

var compiled = struct {
	sync.RWMutex
	all map[string]*Document
}{all: map[string]*Document{}}

// Compiled is Parse that remembers: a text is parsed once, however often calls are
// decided by it. The document is shared and must not be changed.
func Compiled(text string) (*Document, error) {
	compiled.RLock()
	d := compiled.all[text]
	compiled.RUnlock()
	if d != nil {
		return d, nil
	}
	parsed, err := Parse(text)
	if err != nil {
		return nil, err
	}
	compiled.Lock()
	defer compiled.Unlock()
	if len(compiled.all) >= maxCompiled {
		clear(compiled.all)
	}
	compiled.all[text] = &parsed
	return &parsed, nil
}
