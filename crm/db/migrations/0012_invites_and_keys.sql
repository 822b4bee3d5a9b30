-- A link that lets its bearer into a workspace; only the sum of its secret is kept.
CREATE TABLE IF NOT EXISTS invites (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	token_hash BINARY(32) NOT NULL,
	email VARCHAR(254) COLLATE utf8mb4_bin NOT NULL,
	role VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	created_at DATETIME(3) NOT NULL,
	created_by BINARY(16) NOT NULL,
	expires_at DATETIME(3) NOT NULL,
	accepted_at DATETIME(3) NULL,
	accepted_by BINARY(16) NULL,
	PRIMARY KEY (workspace_id, id),
	UNIQUE KEY uq_token (workspace_id, token_hash),
	CONSTRAINT fk_invites_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
	CONSTRAINT fk_invites_creator FOREIGN KEY (workspace_id, created_by) REFERENCES members (workspace_id, user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
-- Keys with which programs call the API on behalf of who made them.
CREATE TABLE IF NOT EXISTS api_keys (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	prefix CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	hash BINARY(32) NOT NULL,
	name VARCHAR(80) NOT NULL,
	scopes VARCHAR(1000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	created_at DATETIME(3) NOT NULL,
	created_by BINARY(16) NOT NULL,
	expires_at DATETIME(3) NULL,
	used_at DATETIME(3) NULL,
	PRIMARY KEY (workspace_id, id),
	UNIQUE KEY uq_prefix (prefix),
	CONSTRAINT fk_api_keys_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
	CONSTRAINT fk_api_keys_creator FOREIGN KEY (workspace_id, created_by) REFERENCES members (workspace_id, user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
