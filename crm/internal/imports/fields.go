package imports

import (
	"strings"
	"unicode"
)

// A Field is where a column's values may go.
type Field struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Form  string `json:"form"` // how its values are read

	names string // the headers that mean it, folded, parted by spaces
	many  bool   // several columns may go there
}

// The forms of values.
const (
	formText   = "text"
	formName   = "name" // parted into first and last name
	formEmail  = "email"
	formPhone  = "phone"
	formTags   = "tags"
	formOwner  = "owner"
	formDomain = "domain"
	formDate   = "date"
	formAmount = "amount"
	formSize   = "size"
	formList   = "list" // of choices
	formBool   = "bool"
	formNumber = "number"
)

var common = []Field{
	{Key: "owner", Label: "Owner (e-mail or name)", Form: formOwner, names: "owner contactowner companyowner dealowner recordowner assignedto besitzer"},
	{Key: "tags", Label: "Tags", Form: formTags, many: true, names: "tags tag labels label categories groupmembership schlagworte"},
}

// catalog are the fields of each kind of record, but for a workspace's own.
var catalog = map[string][]Field{
	People: append([]Field{
		{Key: "fullName", Label: "Full name", Form: formName, names: "name fullname displayname contactname contact fileas"},
		{Key: "firstName", Label: "First name", Form: formText, names: "firstname givenname first vorname prenom nombre"},
		{Key: "lastName", Label: "Last name", Form: formText, names: "lastname surname familyname last nachname nom apellido apellidos"},
		{Key: "email", Label: "E-mail", Form: formEmail, many: true, names: "email emailaddress mail emails workemail email1value email2value email3value email2address email3address additionalemailaddresses " +
			"emailwork emailhome emailother personalemail emailprivat"},
		{Key: "phone", Label: "Phone", Form: formPhone, many: true, names: "phone phonenumber telephone tel telefon businessphone businessphone2 workphone phone1value phone2value phone3value phonework phonehome phoneother homephone otherphone primaryphone companymainphone"},
		{Key: "mobile", Label: "Mobile phone", Form: formPhone, many: true, names: "mobile mobilephone mobilephonenumber cell cellphone handy phonemobile"},
		{Key: "title", Label: "Job title", Form: formText, names: "title jobtitle position role organization1title organizationtitle funktion"},
		{Key: "company", Label: "Company", Form: formText, names: "company companyname organization organisation organizationname organization1name associatedcompany primaryassociatedcompanyname account accountname firma employer"},
		{Key: "companyDomain", Label: "Company domain", Form: formDomain, names: "companydomain companydomainname companywebsite websiteurl website webpage domain"},
		{Key: "source", Label: "Source", Form: formText, names: "source leadsource originalsource herkunft"},
		{Key: "address", Label: "Address", Form: formText, many: true, names: address},
	}, common...),
	Companies: append([]Field{
		{Key: "name", Label: "Name", Form: formText, names: "name companyname company organization organisation organizationname account accountname firma"},
		{Key: "domain", Label: "Domain", Form: formDomain, names: "domain companydomain companydomainname website websiteurl webpage url homepage"},
		{Key: "industry", Label: "Industry", Form: formText, names: "industry branche sector"},
		{Key: "sizeBand", Label: "Size (employees)", Form: formSize, names: "size sizeband employees numberofemployees employeecount headcount mitarbeiter"},
		{Key: "address", Label: "Address", Form: formText, many: true, names: address},
	}, common...),
	Deals: append([]Field{
		{Key: "title", Label: "Title", Form: formText, names: "title dealname name deal dealtitle opportunity opportunityname"},
		{Key: "amount", Label: "Amount", Form: formAmount, names: "amount value dealvalue dealamount betrag wert"},
		{Key: "currency", Label: "Currency", Form: formText, names: "currency dealcurrency currencyofvalue waehrung währung"},
		{Key: "stage", Label: "Stage", Form: formText, names: "stage dealstage status phase"},
		{Key: "pipeline", Label: "Pipeline", Form: formText, names: "pipeline dealpipeline"},
		{Key: "closeDate", Label: "Expected close", Form: formDate, names: "closedate expectedclosedate expectedclose closingdate abschlussdatum"},
		{Key: "company", Label: "Company", Form: formText, names: "company companyname organization organisation associatedcompany account accountname firma"},
		{Key: "companyDomain", Label: "Company domain", Form: formDomain, names: "companydomain companydomainname companywebsite website domain"},
		{Key: "personEmail", Label: "Contact's e-mail", Form: formEmail, names: "contactemail email emailaddress personemail contactpersonemail associatedcontactemail"},
	}, common...),
}

const address = "address streetaddress street city state stateregion zip zipcode postalcode country countryregion " +
	"businessstreet businesscity businessstate businesspostalcode businesscountryregion address1formatted postaladdress adresse ort plz"

// fold reduces a header to what it says: "E-mail 1 - Value" to email1value.
func fold(header string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, header)
}

func (f Field) means(folded string) bool {
	return folded != "" && (folded == fold(f.Key) || folded == fold(f.Label) || strings.Contains(" "+f.names+" ", " "+folded+" "))
}

func find(fields []Field, key string) (Field, bool) {
	for _, f := range fields {
		if f.Key == key {
			return f, true
		}
	}
	return Field{}, false
}
