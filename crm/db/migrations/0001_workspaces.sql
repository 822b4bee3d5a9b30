-- Who may work where. Written to the subset that MySQL 8.0 and MariaDB 10.11 share.
CREATE TABLE IF NOT EXISTS workspaces (
	id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	slug VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	name VARCHAR(120) NOT NULL,
	created_at DATETIME(3) NOT NULL,
	UNIQUE KEY uq_slug (slug)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
CREATE TABLE IF NOT EXISTS users (
	id BINARY(16) NOT NULL PRIMARY KEY,
	firebase_uid VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NULL,
	email VARCHAR(254) COLLATE utf8mb4_bin NOT NULL,
	name VARCHAR(120) NOT NULL,
	created_at DATETIME(3) NOT NULL,
	UNIQUE KEY uq_firebase_uid (firebase_uid),
	UNIQUE KEY uq_email (email)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
CREATE TABLE IF NOT EXISTS members (
	workspace_id INT UNSIGNED NOT NULL,
	user_id BINARY(16) NOT NULL,
	role VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	created_at DATETIME(3) NOT NULL,
	PRIMARY KEY (workspace_id, user_id),
	KEY ix_user (user_id),
	CONSTRAINT fk_members_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
	CONSTRAINT fk_members_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
-- Keys that all tasks share and that no person needs to choose or know.
CREATE TABLE IF NOT EXISTS installation_keys (
	name VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
	secret BINARY(32) NOT NULL
) ENGINE=InnoDB
