// Package money knows currencies. An amount is a whole number of a currency's
// smallest unit, and amounts of two currencies are never added.
package money

import (
	"math/big"
	"strings"
)

// Most is the largest amount that is accepted: it is exact in JavaScript too.
const Most = 1_000_000_000_000_000

// The codes of ISO 4217 in use, for money that deals are made in.
const codes = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD " +
	"CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD " +
	"HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD " +
	"MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG " +
	"QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS " +
	"UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG"

// Currencies are the codes that are known, in alphabetical order.
func Currencies() []string { return strings.Fields(codes) }

// Known says whether a code, in capitals, is a currency's.
func Known(code string) bool {
	return len(code) == 3 && !strings.Contains(code, " ") && strings.Contains(" "+codes+" ", " "+code+" ")
}

// Digits are the places behind the point in which a currency is written.
func Digits(code string) int {
	switch code {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	}
	return 2
}

// Decimal writes an amount with its point: 1250 EUR cents are 12.50.
func Decimal(minor int64, code string) string {
	unit := int64(1)
	for range Digits(code) {
		unit *= 10
	}
	return big.NewRat(minor, unit).FloatString(Digits(code))
}

// A Sum is what amounts of one currency come to. Weighted is the sum of each
// amount times the chance of getting it.
type Sum struct {
	Currency      string `json:"currency"`
	Count         int    `json:"count"`
	AmountMinor   int64  `json:"amountMinor"`
	WeightedMinor int64  `json:"weightedMinor"`
}
