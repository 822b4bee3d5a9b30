-- Files in pieces: tasks come and go and share no disk.
CREATE TABLE IF NOT EXISTS files (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	name VARCHAR(200) NOT NULL,
	size BIGINT UNSIGNED NOT NULL DEFAULT 0,
	created_at DATETIME(3) NOT NULL,
	expires_at DATETIME(3) NOT NULL,
	PRIMARY KEY (workspace_id, id),
	KEY ix_expires (expires_at),
	CONSTRAINT fk_files_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
CREATE TABLE IF NOT EXISTS file_chunks (
	workspace_id INT UNSIGNED NOT NULL,
	file_id BINARY(16) NOT NULL,
	number INT UNSIGNED NOT NULL,
	data MEDIUMBLOB NOT NULL,
	PRIMARY KEY (workspace_id, file_id, number),
	CONSTRAINT fk_file_chunks_file FOREIGN KEY (workspace_id, file_id) REFERENCES files (workspace_id, id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
