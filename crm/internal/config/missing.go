package config

// Missing says what will not work for want of settings that are not needed to
// start.
func (c Config) Missing() (all []string) {
	say := func(when bool, what string) {
		if when {
			all = append(all, what)
		}
	}
	f := c.Firebase
	say(f.Project == "", "nobody can sign in: FIREBASE_PROJECT_ID is not set")
	say(f.Project != "" && f.APIKey == "" && f.AuthURL == googleAuth, "browsers cannot sign in: FIREBASE_API_KEY is not set")
	say(c.PublicURL == nil, "invites are not mailed: PUBLIC_URL is not set, and their links would lead nowhere")
	say(!c.Mail.Configured(), "mail is kept and not sent: SMTP_URL is not set")
	say(c.AI.Gemini.BaseURL == "" && c.AI.OpenAI.BaseURL == "", "the assistant is off: neither GEMINI_API_KEY nor OPENAI_API_KEY is set")
	return all
}
