-- Accounts and signing keys of the identity stand-in: development only, no workspace's.
CREATE TABLE IF NOT EXISTS standin_identity (
	kind VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	name VARCHAR(254) COLLATE utf8mb4_bin NOT NULL,
	value MEDIUMBLOB NOT NULL,
	expires_at DATETIME(3) NOT NULL,
	PRIMARY KEY (kind, name),
	KEY ix_expires (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4
