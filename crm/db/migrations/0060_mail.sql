-- E-mail that leaves the CRM, and the templates that people write it from.
-- handed_at is set just before a mail server is given the last byte: a mail
-- that has it and no outcome may have arrived, and is not sent by itself again.
CREATE TABLE IF NOT EXISTS emails (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	message_id VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	to_address VARCHAR(254) NOT NULL,
	from_name VARCHAR(120) NOT NULL DEFAULT '',
	reply_to VARCHAR(254) NOT NULL DEFAULT '',
	subject VARCHAR(300) NOT NULL,
	body MEDIUMTEXT NOT NULL,
	target_kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL,
	target_id BINARY(16) NULL,
	status VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	attempts INT UNSIGNED NOT NULL DEFAULT 0,
	error VARCHAR(500) NOT NULL DEFAULT '',
	handed_at DATETIME(3) NULL,
	finished_at DATETIME(3) NULL,
	created_at DATETIME(3) NOT NULL,
	created_by BINARY(16) NULL,
	PRIMARY KEY (workspace_id, id),
	KEY ix_target (workspace_id, target_kind, target_id, id),
	KEY ix_status (workspace_id, status, finished_at),
	CONSTRAINT fk_emails_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
CREATE TABLE IF NOT EXISTS email_templates (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	version INT UNSIGNED NOT NULL DEFAULT 1,
	name VARCHAR(120) NOT NULL,
	subject VARCHAR(300) NOT NULL DEFAULT '',
	body TEXT NOT NULL,
	created_at DATETIME(3) NOT NULL,
	created_by BINARY(16) NOT NULL,
	updated_at DATETIME(3) NOT NULL,
	updated_by BINARY(16) NOT NULL,
	PRIMARY KEY (workspace_id, id),
	UNIQUE KEY uq_name (workspace_id, name),
	CONSTRAINT fk_email_templates_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
