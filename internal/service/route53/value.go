package route53

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"apex/internal/api"
	"apex/internal/api/route53api"
)

// checkValue reports what is wrong with a record's value; nil means nothing.
func checkValue(kind, value string) error {
	check, ok := valueChecks[kind]
	if !ok {
		return fmt.Errorf("the type %s is not supported", kind)
	}
	return check(value)
}

var valueChecks = map[string]func(string) error{
	route53api.RRTypeA:     func(v string) error { return checkAddress(v, netip.Addr.Is4, "IPv4") },
	route53api.RRTypeAaaa:  func(v string) error { return checkAddress(v, netip.Addr.Is6, "IPv6") },
	route53api.RRTypeCname: checkDomain,
	route53api.RRTypeNs:    checkDomain,
	route53api.RRTypePtr:   checkDomain,
	route53api.RRTypeTxt:   checkText,
	route53api.RRTypeSpf:   checkText,
	route53api.RRTypeMx:    func(v string) error { return checkFields(v, number16, checkDomain) },
	route53api.RRTypeSrv:   func(v string) error { return checkFields(v, number16, number16, number16, checkDomain) },
	route53api.RRTypeDs:    func(v string) error { return checkFields(v, number16, number8, number8, checkHex) },
	route53api.RRTypeSoa: func(v string) error {
		return checkFields(v, checkDomain, checkDomain, number32, number32, number32, number32, number32)
	},
	route53api.RRTypeCaa:   checkCAA,
	route53api.RRTypeNaptr: func(v string) error { return checkPresentation("NAPTR", v) },
	route53api.RRTypeTlsa:  func(v string) error { return checkFields(v, number8, number8, number8, checkHex) },
	route53api.RRTypeSshfp: func(v string) error { return checkFields(v, number8, number8, checkHex) },
	route53api.RRTypeSvcb:  func(v string) error { return checkPresentation("SVCB", v) },
	route53api.RRTypeHttps: func(v string) error { return checkPresentation("HTTPS", v) },
}

func checkAddress(v string, is func(netip.Addr) bool, family string) error {
	if a, err := netip.ParseAddr(v); err != nil || !is(a) || a.Zone() != "" {
		return fmt.Errorf("value is not a valid %s address", family)
	}
	return nil
}

func checkDomain(v string) error {
	if v == "." {
		return nil
	}
	if _, err := canonical(v); err != nil {
		return fmt.Errorf("value is not a valid domain name: %w", err)
	}
	return nil
}

// checkText wants one or more strings in quotation marks.
func checkText(v string) error {
	rest := strings.TrimSpace(v)
	for rest != "" {
		if rest[0] != '"' {
			return fmt.Errorf("value should be enclosed in quotation marks")
		}
		length := 0
		at := 1
		for ; at < len(rest) && rest[at] != '"'; at++ {
			if rest[at] == '\\' {
				at++
				if at+2 < len(rest) && isOctal(rest[at:at+3]) {
					at += 2
				}
			}
			length++
		}
		switch {
		case at >= len(rest):
			return fmt.Errorf("value should be enclosed in quotation marks")
		case length > 255:
			return fmt.Errorf("CharacterStringTooLong: value is longer than 255 characters")
		}
		rest = strings.TrimLeft(rest[at+1:], " \t")
	}
	if strings.TrimSpace(v) == "" {
		return fmt.Errorf("value should be enclosed in quotation marks")
	}
	return nil
}

func isOctal(s string) bool {
	return strings.Trim(s, "01234567") == ""
}

func checkFields(v string, checks ...func(string) error) error {
	fields := strings.Fields(v)
	if len(fields) != len(checks) {
		return fmt.Errorf("value has %d fields, want %d", len(fields), len(checks))
	}
	for i, check := range checks {
		if err := check(fields[i]); err != nil {
			return err
		}
	}
	return nil
}

func number8(v string) error  { return checkNumber(v, 8) }
func number16(v string) error { return checkNumber(v, 16) }
func number32(v string) error { return checkNumber(v, 32) }

func checkNumber(v string, bits int) error {
	if _, err := strconv.ParseUint(v, 10, bits); err != nil {
		return fmt.Errorf("%q is not a number of %d bits", v, bits)
	}
	return nil
}

func checkHex(v string) error {
	if raw, err := hex.DecodeString(v); err != nil || len(raw) == 0 {
		return fmt.Errorf("%q is not hexadecimal", v)
	}
	return nil
}

func checkCAA(v string) error {
	fields := strings.SplitN(v, " ", 3)
	if len(fields) != 3 || number8(fields[0]) != nil || fields[1] == "" || checkText(fields[2]) != nil {
		return fmt.Errorf(`value is not of the form: flags tag "value"`)
	}
	return nil
}

// checkPresentation lets the resolver's own parser read the value.
func checkPresentation(kind, v string) error {
	if rr, err := dns.NewRR(". 1 IN " + kind + " " + v); err != nil || rr == nil {
		return fmt.Errorf("value is not a valid %s record", kind)
	}
	return nil
}

// lines returns the values of a record set as the resolver reads them. Route 53
// escapes in octal what master files escape in decimal.
func lines(r *route53api.ResourceRecordSet) []string {
	var out []string
	for _, rr := range r.ResourceRecords {
		v := api.Val(rr.Value)
		if slices.Contains([]string{route53api.RRTypeTxt, route53api.RRTypeSpf, route53api.RRTypeCaa}, api.Val(r.Type)) {
			v = decimal(v)
		}
		out = append(out, v)
	}
	return out
}

// decimal turns octal escapes into decimal ones.
func decimal(v string) string {
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		if v[i] != '\\' || i+1 >= len(v) {
			b.WriteByte(v[i])
			continue
		}
		if i+3 < len(v) && isOctal(v[i+1:i+4]) {
			if c, err := strconv.ParseUint(v[i+1:i+4], 8, 8); err == nil {
				fmt.Fprintf(&b, "\\%03d", c)
				i += 3
				continue
			}
		}
		b.WriteString(v[i : i+2])
		i++
	}
	return b.String()
}
