-- workspace_id leads every key: a tenant's rows lie together, and a reference
-- across tenants cannot exist. "active" is 1 or NULL, so that a unique key
-- holds among rows that are not in the trash, and only among those.
CREATE TABLE IF NOT EXISTS companies (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	version INT UNSIGNED NOT NULL DEFAULT 1,
	name VARCHAR(200) NOT NULL,
	domain VARCHAR(253) COLLATE utf8mb4_bin NULL,
	industry VARCHAR(100) NOT NULL DEFAULT '',
	size_band VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	address VARCHAR(500) NOT NULL DEFAULT '',
	owner_id BINARY(16) NULL,
	created_at DATETIME(3) NOT NULL,
	created_by BINARY(16) NOT NULL,
	updated_at DATETIME(3) NOT NULL,
	updated_by BINARY(16) NOT NULL,
	deleted_at DATETIME(3) NULL,
	active TINYINT AS (IF(deleted_at IS NULL, 1, NULL)) STORED,
	PRIMARY KEY (workspace_id, id),
	UNIQUE KEY uq_domain (workspace_id, domain, active),
	KEY ix_name (workspace_id, name, id),
	KEY ix_updated (workspace_id, updated_at, id),
	KEY ix_owner (workspace_id, owner_id),
	CONSTRAINT fk_companies_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
	CONSTRAINT fk_companies_owner FOREIGN KEY (workspace_id, owner_id) REFERENCES members (workspace_id, user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
CREATE TABLE IF NOT EXISTS people (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	version INT UNSIGNED NOT NULL DEFAULT 1,
	first_name VARCHAR(100) NOT NULL DEFAULT '',
	last_name VARCHAR(100) NOT NULL DEFAULT '',
	title VARCHAR(150) NOT NULL DEFAULT '',
	company_id BINARY(16) NULL,
	owner_id BINARY(16) NULL,
	created_at DATETIME(3) NOT NULL,
	created_by BINARY(16) NOT NULL,
	updated_at DATETIME(3) NOT NULL,
	updated_by BINARY(16) NOT NULL,
	deleted_at DATETIME(3) NULL,
	PRIMARY KEY (workspace_id, id),
	KEY ix_name (workspace_id, last_name, first_name, id),
	KEY ix_company (workspace_id, company_id),
	KEY ix_owner (workspace_id, owner_id),
	KEY ix_updated (workspace_id, updated_at, id),
	CONSTRAINT fk_people_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
	CONSTRAINT fk_people_company FOREIGN KEY (workspace_id, company_id) REFERENCES companies (workspace_id, id),
	CONSTRAINT fk_people_owner FOREIGN KEY (workspace_id, owner_id) REFERENCES members (workspace_id, user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
CREATE TABLE IF NOT EXISTS person_emails (
	workspace_id INT UNSIGNED NOT NULL,
	person_id BINARY(16) NOT NULL,
	position TINYINT UNSIGNED NOT NULL,
	value VARCHAR(254) NOT NULL,
	value_norm VARCHAR(254) COLLATE utf8mb4_bin NOT NULL,
	kind VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	active TINYINT NULL DEFAULT 1,
	PRIMARY KEY (workspace_id, person_id, position),
	UNIQUE KEY uq_value (workspace_id, value_norm, active),
	CONSTRAINT fk_person_emails_person FOREIGN KEY (workspace_id, person_id) REFERENCES people (workspace_id, id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
CREATE TABLE IF NOT EXISTS person_phones (
	workspace_id INT UNSIGNED NOT NULL,
	person_id BINARY(16) NOT NULL,
	position TINYINT UNSIGNED NOT NULL,
	value VARCHAR(40) NOT NULL,
	value_norm VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	kind VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	PRIMARY KEY (workspace_id, person_id, position),
	KEY ix_value (workspace_id, value_norm),
	CONSTRAINT fk_person_phones_person FOREIGN KEY (workspace_id, person_id) REFERENCES people (workspace_id, id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
