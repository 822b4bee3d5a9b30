package config

import "errors"

// Standins is what the program of the stand-ins is told.
type Standins struct {
	Serving
	FirebaseProject string
	Database        Database // without an address there is none
	SMTPAddress     string   // where the mail stand-in listens; empty: nowhere
}

// LoadStandins reads the settings of the stand-ins, which run nowhere but in
// development.
func LoadStandins(get func(string) string) (Standins, error) {
	r := reader{get: get}
	s := Standins{Serving: r.serving(), FirebaseProject: r.text("FIREBASE_PROJECT_ID", "demo-apexai"), SMTPAddress: r.text("STANDIN_SMTP_ADDRESS", "")}
	if r.text("APP_ENV", string(Production)) != string(Development) {
		r.fault("APP_ENV", "is not %s, and stand-ins are for nothing else", Development)
	}
	if r.text("DATABASE_URL", "") != "" || r.text("DB_HOST", "") != "" {
		s.Database = r.database()
	}
	return s, errors.Join(r.faults...)
}
