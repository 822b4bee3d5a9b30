package http1

// A Class says how a request keeps to the standard, as AWS's desync mitigation
// does.
type Class uint8

// The classes.
const (
	Compliant  Class = iota
	Acceptable       // against the standard, but no known risk
	Ambiguous        // other servers may see other borders of it
	Severe           // malformed, or made to be misunderstood
)

// String returns AWS's word; it has none for a compliant request.
func (c Class) String() string { return [...]string{"", "Acceptable", "Ambiguous", "Severe"}[c] }

// A Fault is why a request is not compliant, in AWS's word (source: the table of
// classification reasons in the user guide's page on access logs).
type Fault string

// The faults. AWS gives each a class; it passes some on that are refused here,
// because we could not say where their parts end.
const (
	GetHeadZeroContentLength Fault = "GetHeadZeroContentLength" // Acceptable
	NonCompliantHeader       Fault = "NonCompliantHeader"
	NonCompliantVersion      Fault = "NonCompliantVersion"
	SpaceInURI               Fault = "SpaceInUri"

	AmbiguousURI                       Fault = "AmbiguousUri" // Ambiguous
	BothTeClPresent                    Fault = "BothTeClPresent"
	DuplicateContentLength             Fault = "DuplicateContentLength"
	EmptyHeader                        Fault = "EmptyHeader"
	SuspiciousHeader                   Fault = "SuspiciousHeader"
	UndefinedContentLengthSemantics    Fault = "UndefinedContentLengthSemantics"
	UndefinedTransferEncodingSemantics Fault = "UndefinedTransferEncodingSemantics"

	BadContentLength                Fault = "BadContentLength" // Severe
	BadHeader                       Fault = "BadHeader"
	BadMethod                       Fault = "BadMethod"
	BadTransferEncoding             Fault = "BadTransferEncoding"
	BadURI                          Fault = "BadUri"
	BadVersion                      Fault = "BadVersion"
	MultipleContentLength           Fault = "MultipleContentLength"
	MultipleTransferEncodingChunked Fault = "MultipleTransferEncodingChunked"
)

func (f Fault) class() Class {
	switch f {
	case "":
		return Compliant
	case GetHeadZeroContentLength, NonCompliantHeader, NonCompliantVersion, SpaceInURI:
		return Acceptable
	case AmbiguousURI, BothTeClPresent, DuplicateContentLength, EmptyHeader, SuspiciousHeader,
		UndefinedContentLengthSemantics, UndefinedTransferEncodingSemantics:
		return Ambiguous
	}
	return Severe
}

// find notes a fault unless a graver one, or one as grave, was found before.
func (r *Request) find(f Fault) {
	if c := f.class(); c > r.Class {
		r.Class, r.Fault = c, f
	}
}

// classify finds the faults of a request that was understood.
func (r *Request) classify(f *framer) {
	bodyless := string(r.Method) == "GET" || string(r.Method) == "HEAD"
	switch {
	case f.encoded && f.length >= 0:
		r.find(BothTeClPresent)
	case f.repeated:
		r.find(DuplicateContentLength)
	case f.encoded && bodyless:
		r.find(UndefinedTransferEncodingSemantics)
	case f.length > 0 && bodyless:
		r.find(UndefinedContentLengthSemantics)
	case f.length == 0 && bodyless:
		r.find(GetHeadZeroContentLength)
	}
	for i := range r.Fields {
		field := &r.Fields[i]
		if field.Foreign {
			r.find(NonCompliantHeader)
		}
		if field.Kind == Other && suspicious(field.Name) {
			r.find(SuspiciousHeader)
		}
	}
}

// suspicious reports whether a name could be taken for one of the two fields that
// say where a message ends, by a server that is lax with what is no letter.
func suspicious(name []byte) bool {
	if len(name) < len("contentlength") {
		return false
	}
	return sameLetters(name, "transferencoding") || sameLetters(name, "contentlength")
}

// sameLetters reports whether name is the word, if only its letters and digits
// count.
func sameLetters(name []byte, word string) bool {
	at := 0
	for _, c := range name {
		if c|0x20 >= 'a' && c|0x20 <= 'z' || digit(c) {
			if at == len(word) || c|0x20 != word[at] {
				return false
			}
			at++
		}
	}
	return at == len(word)
}
