-- What a user sets for themselves, and where they were last.
ALTER TABLE users
	ADD COLUMN version INT UNSIGNED NOT NULL DEFAULT 1,
	ADD COLUMN email_verified TINYINT(1) NOT NULL DEFAULT 0,
	ADD COLUMN zone VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	ADD COLUMN locale VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	ADD COLUMN last_workspace INT UNSIGNED NULL
