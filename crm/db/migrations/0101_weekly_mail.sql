-- Whether a member is sent the week by mail.
ALTER TABLE members
	ADD COLUMN weekly_mail TINYINT NOT NULL DEFAULT 1
